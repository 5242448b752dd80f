package perdura.datasets.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.atIndex;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.JpegFile;
import perdura.datasets.source.FaultList;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;

class TestMimicCxrIngest {
    @TempDir
    private Path folder;

    private Path root = Path.of("");
    private Path artifacts = Path.of("");
    private TestingMimic data;

    @BeforeEach
    void makeTwoStudies() throws IOException {
        root = folder.resolve("mimic");
        artifacts = folder.resolve("artifacts");
        data = new TestingMimic(root)
                .study("10000001", "50000002", "PA", "train")
                .study("10000002", "50000001", "AP", "train");
    }

    @Test
    void studiesAreRowsInTheOrderOfTheirIds() throws IOException {
        data.image("10000001", "50000002", "A0", "AP", "train");
        DataSet set = TestingMimic.ingest(data.written(), artifacts);

        assertThat(set.size()).isEqualTo(2);
        assertThat(set.sampleId(0)).isEqualTo("s50000001");
        assertThat(set.sampleId(1)).isEqualTo("s50000002");
        assertThat(set.patientId(1)).isEqualTo("p10000001");
        assertThat(set.split(1)).isEqualTo("train");
        assertThat(set.imageCount(0)).isEqualTo(1);
        assertThat(set.firstImage(1)).isEqualTo(1);
        assertThat(set.imageCount(1)).isEqualTo(2);
        assertThat(set.array("image_ids").textAt(1)).isEqualTo("A0");
        assertThat(set.array("image_ids").textAt(2)).isEqualTo("a50000002");
        assertThat(set.find("s50000002")).isEqualTo(1);
        assertThat(set.find("s5")).isEqualTo(-1);
        assertThat(set.header().digest()).matches("[0-9a-f]{64}");
        assertThat(set.header().patients()).isEqualTo(2);
        assertThat(set.header().splits()).containsEntry("train", 2L);
    }

    @Test
    void imagesAreResizedAsPillowDoes() throws IOException {
        DataSet set = TestingMimic.ingest(data.written(), artifacts);
        byte[] pixels = new byte[TestingMimic.SIDE * TestingMimic.SIDE];
        set.images().read(0, pixels, 0);

        assertThat(pixels)
                .isEqualTo(BilinearResize.resize(
                                JpegFile.decode(
                                        Files.readAllBytes(data.imageFile("10000002", "50000001", "a50000001"))),
                                TestingMimic.SIDE,
                                TestingMimic.SIDE)
                        .pixels());
    }

    /** Ids by the order of the vocabulary: clear 104, lungs 105, no 106, effusion 107, "." 108. */
    @Test
    void sentencesAreThoseOfTheImpressionThenOfTheFindings() throws IOException {
        DataSet set = TestingMimic.ingest(data.written(), artifacts);

        assertThat(set.sentences(0))
                .containsExactly(new int[] {100, 108}, new int[] {104, 105, 108}, new int[] {106, 107, 108}, new int[] {
                    100, 100, 100, 108
                });
        assertThat(set.sentenceCount(1)).isEqualTo(4);
        assertThat(set.array("sentence_offsets").rows()).isEqualTo(5); // both reports say the same four
        assertThat(set.sentence(1, 3)).isEqualTo(3);
        assertThat(set.vocabulary().size()).isEqualTo(109);
    }

    @Test
    void countsWhatEachFilterLeavesOut() throws IOException {
        data.image("10000001", "50000002", "b1", "LATERAL", "train")
                .study("10000003", "50000003", "AP AXIAL", "train")
                .study("10000004", "50000004", "PA", "test")
                .study("10000005", "50000005", "PA", "train")
                .study("10000006", "50000006", "PA", "train")
                .study("10000007", "50000007", "PA", "train")
                .report("10000006", "50000006", "x\n INDICATION: Cough.\n")
                .report("10000007", "50000007", "x\n FINDINGS: Clear. Stable. Old.\n");
        Files.delete(data.reportFile("10000005", "50000005"));
        DataReport report = Ingest.inspect(data.written(), 2, (samples, all, faults) -> {});

        assertThat(report.imagesListed()).isEqualTo(8);
        assertThat(report.samplesListed()).isEqualTo(7);
        assertThat(report.leftOut())
                .containsExactly(
                        new DataReport.Count("images that are not frontal", 2),
                        new DataReport.Count("studies without a frontal image", 1),
                        new DataReport.Count("studies without a report", 1),
                        new DataReport.Count("studies whose report has none of the sections that are read", 1),
                        new DataReport.Count("studies with too few sentences", 1));
        assertThat(report.samples()).isEqualTo(3);
        assertThat(report.patients()).isEqualTo(3);
        assertThat(report.splits()).containsEntry("train", 2L).containsEntry("test", 1L);
        assertThat(report.faultCount()).isZero();
    }

    /** In the order of the specification; reports with labels are not counted, as their table isn't there. */
    @Test
    void publishedTotalsStandBesideWhatIsCounted() throws IOException {
        data.image("10000001", "50000002", "b1", "LATERAL", "train")
                .study("10000003", "50000003", "LATERAL", "train")
                .study("10000004", "50000004", "PA", "test")
                .image("10000004", "50000004", "b4", "AP", "test");
        assertThat(Ingest.inspect(data.written(), 2, (samples, all, faults) -> {})
                        .published())
                .containsExactly(
                        new DataReport.Published("images", 377_110, 6, false, "prior.md 1.1"),
                        new DataReport.Published("patients", 65_379, 4, false, "prior.md 1.1"),
                        new DataReport.Published(
                                "studies that pass all filters", 182_475, 3, false, "prior.md 1.1, 1.4"));

        labelTable();
        assertThat(Ingest.inspect(data.written(), 2, (samples, all, faults) -> {})
                        .published())
                .contains(new DataReport.Published("labelled reports", 227_827, 1, false, "prior.md 1.1"), atIndex(1))
                .hasSize(4);
    }

    @Test
    void sensesTotalsCountSplitsAndTestPairs() throws IOException {
        data.image("10000002", "50000001", "b1", "LATERAL", "train")
                .study("10000004", "50000004", "PA", "test")
                .image("10000004", "50000004", "b4", "AP", "test");
        IngestSpec prior = data.written();
        IngestSpec sense = new IngestSpec(
                prior.set(),
                prior.root(),
                IngestSpec.Profile.SENSE,
                prior.imageSize(),
                prior.vocabulary(),
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                prior.sampling(),
                false,
                false);
        assertThat(Ingest.inspect(sense, 2, (samples, all, faults) -> {}).published())
                .extracting(DataReport.Published::what, DataReport.Published::published, DataReport.Published::found)
                .containsExactly(
                        tuple("images", 377_110L, 5L),
                        tuple("studies", 227_835L, 3L),
                        tuple("patients", 65_379L, 3L),
                        tuple("images of the official split train", 368_960L, 3L),
                        tuple("images of the official split test", 5_159L, 2L),
                        tuple("studies of the official split train", 222_758L, 2L),
                        tuple("studies of the official split test", 3_269L, 1L),
                        tuple("image-report pairs of the test split", 2_461L, 2L));
    }

    @Test
    void shorterReportsCanBeAskedFor() throws IOException {
        data.report("10000001", "50000002", "x\n FINDINGS: Clear.\n");
        data.written();
        assertThat(TestingMimic.ingest(data.spec(4), artifacts).size()).isEqualTo(1);
        assertThat(TestingMimic.ingest(data.spec(1), artifacts).size()).isEqualTo(2);
    }

    @Test
    void labelsComeAlongWhereTheirTableIsThere() throws IOException {
        labelTable();
        DataSet set = TestingMimic.ingest(data.written(), artifacts);

        assertThat(set.header().labels()).isEqualTo(ChexpertFinding.COLUMNS);
        assertThat(set.label(1, 2)).isEqualTo(1f);
        assertThat(set.label(1, 5)).isZero();
        assertThat(set.label(1, 6)).isEqualTo(-1f);
        assertThat(set.label(1, 0)).isNaN();
        assertThat(set.label(0, 2)).isNaN();
    }

    private void labelTable() throws IOException {
        Files.write(
                root.resolve("mimic-cxr-2.0.0-chexpert.csv"),
                List.of(
                        "subject_id,study_id," + String.join(",", ChexpertFinding.COLUMNS),
                        "10000001,50000002,,,1.0,,,0.0,-1.0,,,,,,,",
                        "10000009,50000009,,,,,,,,,,,,,,"));
    }

    @Test
    void theDigestIsOfTheContentAlone(@TempDir Path other) throws IOException {
        String digest = digest(data.written());
        TestingMimic twin = new TestingMimic(other)
                .study("10000001", "50000002", "PA", "train")
                .study("10000002", "50000001", "AP", "train");
        IngestSpec spec = twin.writtenPlain();
        assertThat(TestingMimic.ingest(spec, other.resolve("artifacts"))
                        .header()
                        .digest())
                .isEqualTo(digest);

        twin.report("10000001", "50000002", TestingMimic.REPORT.replace("big", "clear"));
        assertThat(TestingMimic.ingest(spec, other.resolve("artifacts"))
                        .header()
                        .digest())
                .isNotEqualTo(digest);
    }

    @Test
    void theDigestSeesAnotherImage() throws IOException {
        String digest = digest(data.written());
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        Files.copy(data.imageFile("10000002", "50000001", "a50000001"), image, StandardCopyOption.REPLACE_EXISTING);
        assertThat(digest(data.spec(4))).isNotEqualTo(digest);
    }

    @Test
    void unchangedImagesAreTakenFromTheLastDataSet() throws IOException {
        String digest = digest(data.written());
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        long size = Files.size(image);
        var time = Files.getLastModifiedTime(image);
        Files.write(image, new byte[(int) size]);
        Files.setLastModifiedTime(image, time);

        assertThat(digest(data.spec(4))).isEqualTo(digest); // size and time say that nothing has changed
        assertThat(Ingest.inspect(data.spec(4), 2, (samples, all, faults) -> {}).faultCount())
                .isEqualTo(1);
        assertThat(digest(data.spec(4).verifying(true))).isNotEqualTo(digest);
    }

    @Test
    void aFaultLeavesItsSampleOutAndIsTold() throws IOException {
        data.image("10000001", "50000002", "A0", "AP", "train").study("10000003", "50000003", "AP", "train");
        Path truncated = data.imageFile("10000001", "50000002", "a50000002");
        Files.write(truncated, Arrays.copyOf(Files.readAllBytes(truncated), 200));
        Files.write(data.reportFile("10000002", "50000001"), new byte[] {'a', (byte) 0xC3, '('});
        IngestSpec spec = data.written();
        DataSet set = TestingMimic.ingest(spec, artifacts);

        assertThat(set.size()).isEqualTo(2);
        assertThat(set.sampleId(0)).isEqualTo("s50000002");
        assertThat(set.imageCount(0)).isEqualTo(1);
        Path found = DataSet.folder(artifacts, set.header().digest());
        assertThat(found.resolve("report.txt"))
                .content(StandardCharsets.UTF_8)
                .contains(truncated + ": truncated JPEG file (200 bytes")
                .contains(data.reportFile("10000002", "50000001") + ": not UTF-8 at byte 1; restore the report");
        assertThat(found.resolve("faults.jsonl"))
                .content(StandardCharsets.UTF_8)
                .hasLineCount(2);
        String page = Files.readString(found.resolve("report.html"));
        assertThat(page).contains("data:image/jpeg;base64,");
        String withoutScript = page.substring(page.indexOf("<noscript>"), page.indexOf("</noscript>"));
        assertThat(withoutScript).contains(Files.readString(found.resolve("report.txt")));
    }

    @Test
    void allFaultsAreToldAtOnce() throws IOException {
        IngestSpec spec = data.written();
        Files.delete(data.imageFile("10000001", "50000002", "a50000002"));
        Files.write(data.reportFile("10000002", "50000001"), new byte[] {'a', (byte) 0xC3, '('});
        Files.write(data.vocabularyFile(), Collections.nCopies(3, "x"));

        assertThat(faults(spec))
                .isEqualTo("data set " + root + " has 3 faults:\n  " + data.vocabularyFile()
                        + ":2: piece 'x' stands on line 1 already; every piece must be there once\n  "
                        + data.reportFile("10000002", "50000001")
                        + ": not UTF-8 at byte 1; restore the report from its source\n  "
                        + data.imageFile("10000001", "50000002", "a50000002")
                        + ": no such file, though a table lists it; restore it or take it out of the table");
    }

    @Test
    void filesThatNoTableListsAreNamed() throws IOException {
        Path image = data.imageFile("10000001", "50000002", "stranger");
        Files.copy(data.imageFile("10000001", "50000002", "a50000002"), image);
        Path report = data.reportFile("10000001", "50000077");
        Files.writeString(report, "x");
        assertThat(faults(data.written()))
                .contains(image + ": image without a row in the table mimic-cxr-2.0.0-metadata.csv")
                .contains(report + ": report without an image in the table mimic-cxr-2.0.0-metadata.csv");
    }

    @Test
    void reportsMayLieInTheZipFileTheyComeIn() throws IOException {
        String digest = digest(data.written());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(root.resolve("mimic-cxr-reports.zip")))) {
            for (String study : List.of("p10000001/s50000002", "p10000002/s50000001")) {
                Path file = root.resolve("files/p10/" + study + ".txt");
                zip.putNextEntry(new ZipEntry("files/p10/" + study + ".txt"));
                zip.write(Files.readAllBytes(file));
                Files.delete(file);
            }
        }
        assertThat(digest(data.spec(4))).isEqualTo(digest);
    }

    @Test
    void theWholeSetMayBeAZipFile() throws IOException {
        String digest = digest(data.written());
        Path zipFile = folder.resolve("mimic.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(zipFile));
                var files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry("mimic-cxr-jpg-2.0.0/" + root.relativize(file)));
                zip.write(Files.readAllBytes(file));
            }
            zip.putNextEntry(new ZipEntry("mimic-cxr-jpg-2.0.0/../../evil.jpg"));
        }
        IngestSpec spec = elsewhere(data.spec(4), zipFile);
        assertThat(digest(spec)).isEqualTo(digest);
        assertThat(Ingest.inspect(spec, 2, (samples, all, faults) -> {}).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.toString())
                        .endsWith("!mimic-cxr-jpg-2.0.0/../../evil.jpg: a zip entry that leaves its folder; it is not"
                                + " read"));
    }

    private String digest(IngestSpec spec) {
        return TestingMimic.ingest(spec, artifacts).header().digest();
    }

    @Test
    void manyFaultsAreCountedButNotAllToldOneByOne() throws IOException {
        for (int i = 0; i < 30; i++) {
            data.row("PA,b" + i + ",,10000001,x");
        }
        assertThat(faults(data.written()))
                .startsWith("data set " + root + " has 30 faults:")
                .endsWith("and 10 more");
        DataReport report = Ingest.inspect(data.written(), 2, (samples, all, faults) -> {});
        assertThat(report.faults()).hasSize(20);
        assertThat(report.faultCount()).isEqualTo(30);
        assertThat(ReportText.of(report)).contains("and 10 more; see faults.jsonl");
    }

    @Test
    void everyFaultOfTablesAndFilesStandsInTheFileInTheOrderOfTheSet() throws IOException {
        for (int i = 0; i < 1_500; i++) {
            data.row("PA,b" + i + ",,10000001,x");
        }
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        IngestSpec spec = data.written();
        Files.delete(image);
        List<String> told = new ArrayList<>();
        DataReport inspected = Ingest.inspect(spec, 2, fault -> told.add(fault.toString()), (samples, all, n) -> {});
        assertThat(told).hasSize(1_501).last().asString().startsWith(image.toString());

        for (int time = 0; time < 2; time++) { // the second time the data set is there already
            Path found = DataSet.folder(
                    artifacts, TestingMimic.ingest(spec, artifacts).header().digest());
            FaultFile.read(
                    found.resolve(FaultFile.NAME),
                    faults -> assertThat(faults.map(String::valueOf)).containsExactlyElementsOf(told));
            Files.writeString(found.resolve(FaultFile.NAME), "");
        }
        assertThat(inspected.faultsByReason())
                .extracting(DataReport.Count::count)
                .containsExactly(1_500L, 1L);
    }

    @Test
    void aPlanOfAnEarlierFormatIsMadeAnew() throws IOException {
        IngestSpec spec = data.written();
        String digest = digest(spec);
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            ingest.plan(() -> {});
            IngestFolder work = new IngestFolder(artifacts, Ingest.key(spec), DurableEffects.counting());
            Path plan = work.plan().resolve("plan.json");
            Files.writeString(plan, Files.readString(plan).replace("\"format\":2", "\"format\":1"));
            Files.delete(work.plan().resolve(FaultFile.NAME));
            assertThat(ingest.finish(() -> {}).digest()).isEqualTo(digest);
        }
    }

    @Test
    void aMissingFolderIsNamed() throws IOException {
        IngestSpec spec = elsewhere(data.written(), root.resolve("no"));
        assertThat(refusal(spec)).contains(root.resolve("no") + ": no such folder; it must hold the data set");
    }

    @Test
    void aFolderOfSomethingElseIsNamed() throws IOException {
        IngestSpec spec = elsewhere(data.written(), root.resolve("files"));
        assertThat(refusal(spec))
                .contains(root.resolve("files") + ": no mimic-cxr-2.0.0-metadata.csv.gz in it or in a folder of it");
    }

    @Test
    void theSetMayLieInAFolderOfTheRoot() throws IOException {
        IngestSpec spec = elsewhere(data.written(), folder);
        assertThat(Ingest.inspect(spec, 2, (samples, all, faults) -> {}).samples())
                .isEqualTo(2);
    }

    @Test
    void aMissingTableIsNamed() throws IOException {
        IngestSpec spec = data.written();
        Files.delete(data.splitFile());
        assertThat(faults(spec))
                .contains("has 1 fault:")
                .contains(root.resolve("mimic-cxr-2.0.0-split.csv")
                        + ": no such file; it (or mimic-cxr-2.0.0-split.csv.gz) must come with");
    }

    @Test
    void aMissingColumnIsNamed() throws IOException {
        IngestSpec spec = data.writtenPlain();
        Path file = root.resolve("mimic-cxr-2.0.0-metadata.csv");
        Files.writeString(file, Files.readString(file).replace("ViewPosition", "View"));
        assertThat(faults(spec))
                .contains(file + ":1: no column 'ViewPosition'; the header row must name [dicom_id, subject_id,");
    }

    @Test
    void anEmptyTableIsNamed() throws IOException {
        IngestSpec spec = data.writtenPlain();
        Path file = root.resolve("mimic-cxr-2.0.0-metadata.csv");
        Files.writeString(file, "");
        assertThat(faults(spec)).contains(file + ": empty file; it must begin with a header row that names");
    }

    @Test
    void aRowWithTooFewColumnsIsNamed() throws IOException {
        data.row("PA,b1,c");
        assertThat(faults(data.written()))
                .contains(data.metadataFile() + ":4: row has 3 columns, it must have 5 as the header row");
    }

    @Test
    void anOpenQuoteIsNamed() throws IOException {
        data.row("PA,b1,\"c,10000001,50000002");
        assertThat(faults(data.written())).contains(data.metadataFile() + ":4: damaged CSV row (");
    }

    @Test
    void aCutGzipFileIsNamed() throws IOException {
        IngestSpec spec = data.written();
        byte[] bytes = Files.readAllBytes(data.metadataFile());
        Files.write(data.metadataFile(), Arrays.copyOf(bytes, bytes.length - 12));
        assertThat(faults(spec))
                .contains(data.metadataFile() + ":")
                .contains("damaged gzip file (Unexpected end of ZLIB");
    }

    @Test
    void aFlippedBitInAGzipFileIsNamed() throws IOException {
        IngestSpec spec = data.written();
        byte[] bytes = Files.readAllBytes(data.splitFile());
        bytes[bytes.length - 6] ^= 1;
        Files.write(data.splitFile(), bytes);
        assertThat(faults(spec)).contains(data.splitFile() + ": damaged gzip file (Corrupt GZIP trailer)");
    }

    @Test
    void aPlainFileNamedGzipIsNamed() throws IOException {
        IngestSpec spec = data.written();
        Files.writeString(data.metadataFile(), "dicom_id,subject_id\n");
        assertThat(faults(spec)).contains(data.metadataFile() + ": damaged gzip file (Not in GZIP format)");
    }

    @Test
    void wrongValuesInTheTablesAreNamed() throws IOException {
        data.row("PA,../x,,10000001,50000002");
        data.row("PA,b1,,p1,50000002");
        data.row("PA,b2,,10000001,s5");
        data.row("PA,a50000001,,10000002,50000001");
        data.row("PA,b3,,10000001,50000002");
        String message = faults(data.written());
        String file = data.metadataFile().toString();
        assertThat(message)
                .contains(file + ":4: dicom_id '../x' must be letters, digits and dashes")
                .contains(file + ":5: subject_id 'p1' must be a number of at least two digits")
                .contains(file + ":6: study_id 's5' must be a number of at least two digits")
                .contains(file + ":7: image 'a50000001' has a row already")
                .contains(file + ":8: image 'b3' has no row in the table mimic-cxr-2.0.0-split.csv");
    }

    @Test
    void anUnknownSplitIsNamed() throws IOException {
        data.image("10000001", "50000002", "b9", "PA", "val");
        assertThat(faults(data.written()))
                .contains(data.splitFile() + ":4: split 'val' must be train, validate or test")
                .contains("has 1 fault:");
    }

    @Test
    void aPatientInTwoSplitsIsNamed() throws IOException {
        data.study("10000001", "50000009", "PA", "test");
        assertThat(faults(data.written()))
                .contains(data.metadataFile() + ":4: patient 10000001 is in the splits train and test");
    }

    @Test
    void aStudyOfTwoPatientsIsNamed() throws IOException {
        data.image("10000003", "50000002", "b1", "PA", "train");
        assertThat(faults(data.written()))
                .contains(data.metadataFile() + ":4: study 50000002 has the patients 10000001 and 10000003");
    }

    @Test
    void aTruncatedImageIsNamed() throws IOException {
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        byte[] bytes = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(faults(data.written()))
                .contains(image + ": truncated JPEG file (" + bytes.length / 2
                        + " bytes, it ends in front of its pixels);" + " restore the image from its source");
    }

    @Test
    void aForeignFileAmongTheImagesIsNamed() throws IOException {
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        Files.write(image, "not an image".getBytes(StandardCharsets.UTF_8));
        assertThat(faults(data.written())).contains(image + ": not a JPEG file (12 bytes, it must begin with FF D8)");
    }

    @Test
    void anEmptyImageIsNamed() throws IOException {
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        Files.write(image, new byte[0]);
        assertThat(faults(data.written())).contains(image + ": not a JPEG file (0 bytes");
    }

    @Test
    void garbageBetweenTheMarkersIsFoundByDecoding() throws IOException {
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        byte[] bytes = Files.readAllBytes(image);
        Arrays.fill(bytes, bytes.length / 2, bytes.length - 2, (byte) 0);
        Files.write(image, bytes);
        assertThat(faults(data.written())).contains(image + ": damaged JPEG file (");
    }

    @Test
    void anEmptyResultTellsWhy() throws IOException {
        Files.delete(data.reportFile("10000001", "50000002"));
        Files.delete(data.reportFile("10000002", "50000001"));
        assertThat(refusal(data.written()))
                .contains("data set " + root + " has no sample for an ingest; left out are 2 studies without a report");
    }

    /** The faults that inspection finds; a strict ingest ends with the first of them. */
    private String faults(IngestSpec spec) {
        DataReport report = Ingest.inspect(spec, 2, (samples, all, faults) -> {});
        assertThat(report.faultCount()).isPositive();
        IngestSpec strict = TestingMimic.strict(spec);
        PerduraException refused =
                catchThrowableOfType(PerduraException.class, () -> TestingMimic.ingest(strict, artifacts));
        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_DATA);
        assertThat(artifacts.resolve("datasets").toFile().list((folder, name) -> !name.startsWith(".")))
                .isNullOrEmpty();
        return String.valueOf(FaultList.refusal("data set " + root, report.faults(), report.faultCount())
                .getMessage());
    }

    private String refusal(IngestSpec spec) {
        PerduraException refused =
                catchThrowableOfType(PerduraException.class, () -> TestingMimic.ingest(spec, artifacts));
        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_DATA);
        return String.valueOf(refused.getMessage());
    }

    private static IngestSpec elsewhere(IngestSpec spec, Path root) {
        return new IngestSpec(
                spec.set(),
                root,
                spec.profile(),
                spec.imageSize(),
                spec.vocabulary(),
                spec.minSentences(),
                spec.sections(),
                spec.list(),
                spec.sampling(),
                spec.strict(),
                spec.verify());
    }
}
