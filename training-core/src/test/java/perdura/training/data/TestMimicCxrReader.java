package perdura.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestMimicCxrReader {
    @TempDir
    Path root;

    private TestingDataSet data;

    @BeforeEach
    void makeTwoStudies() throws IOException {
        data = new TestingDataSet(root)
                .study("10000001", "50000002", "PA", "train")
                .study("10000002", "50000001", "AP", "train");
    }

    @Test
    void readsStudiesInTheOrderOfTheirIds() throws IOException {
        data.image("10000001", "50000002", "A0", "AP", "train");
        StudyIndex index = MimicCxrReader.read(data.written(), ImageCheck.DECODE);

        assertThat(index.studies()).extracting(Study::studyId).containsExactly("s50000001", "s50000002");
        Study study = index.studies().get(1);
        assertThat(study.patientId()).isEqualTo("p10000001");
        assertThat(study.split()).isEqualTo(OfficialSplit.TRAIN);
        assertThat(study.images())
                .containsExactly(
                        data.imageFile("10000001", "50000002", "A0"),
                        data.imageFile("10000001", "50000002", "a50000002"));
        assertThat(study.sentences()).containsExactly("Normal.", "Clear lungs.", "No effusion.", "Heart is big.");
        assertThat(index.report().images()).isEqualTo(3);
        assertThat(index.report().sentences()).isEqualTo(8);
        assertThat(index.digest()).matches("[0-9a-f]{64}");
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
        DataReport report =
                MimicCxrReader.read(data.written(), ImageCheck.FRAME).report();

        assertThat(report.imagesListed()).isEqualTo(8);
        assertThat(report.studiesListed()).isEqualTo(7);
        assertThat(report.leftOut()).containsEntry(LeftOut.NOT_FRONTAL, 2L).containsEntry(LeftOut.OTHER_SPLIT, 1L);
        assertThat(report.leftOut())
                .containsEntry(LeftOut.NO_FRONTAL_IMAGE, 1L)
                .containsEntry(LeftOut.NO_REPORT, 1L)
                .containsEntry(LeftOut.NO_SECTION, 1L)
                .containsEntry(LeftOut.TOO_FEW_SENTENCES, 1L);
        assertThat(report.leftOut().keySet()).containsExactly(LeftOut.values());
        assertThat(report.studies()).isEqualTo(2);
        assertThat(report.patients()).isEqualTo(2);
    }

    @Test
    void allSplitsAndShorterReportsCanBeAskedFor() throws IOException {
        data.study("10000004", "50000004", "PA", "test").report("10000004", "50000004", "x\n FINDINGS: Clear.\n");
        data.written();
        assertThat(MimicCxrReader.read(data.spec(DataSpec.Split.ALL, 1), ImageCheck.FRAME)
                        .studies())
                .hasSize(3);
    }

    @Test
    void theDigestIsOfTheContentAlone(@TempDir Path other) throws IOException {
        String digest = MimicCxrReader.read(data.written(), ImageCheck.FRAME).digest();
        TestingDataSet twin = new TestingDataSet(other)
                .study("10000001", "50000002", "PA", "train")
                .study("10000002", "50000001", "AP", "train");
        DataSpec spec = twin.writtenPlain();
        assertThat(MimicCxrReader.read(spec, ImageCheck.DECODE).digest()).isEqualTo(digest);

        twin.report("10000001", "50000002", TestingDataSet.REPORT.replace("big", "small"));
        assertThat(MimicCxrReader.read(spec, ImageCheck.FRAME).digest()).isNotEqualTo(digest);
    }

    @Test
    void theDigestSeesAnotherImage() throws IOException {
        String digest = MimicCxrReader.read(data.written(), ImageCheck.FRAME).digest();
        Path image = data.imageFile("10000001", "50000002", "a50000002");
        Files.copy(data.imageFile("10000002", "50000001", "a50000001"), image, StandardCopyOption.REPLACE_EXISTING);
        assertThat(MimicCxrReader.read(data.spec(DataSpec.Split.TRAIN, 4), ImageCheck.FRAME)
                        .digest())
                .isNotEqualTo(digest);
    }

    @Test
    void allFaultsAreToldAtOnce() throws IOException {
        DataSpec spec = data.written();
        Files.delete(data.imageFile("10000001", "50000002", "a50000002"));
        Files.write(data.reportFile("10000002", "50000001"), new byte[] {'a', (byte) 0xC3, '('});
        Files.write(data.vocabularyFile(), Collections.nCopies(3, "x"));

        assertThat(faults(spec))
                .isEqualTo("data set " + root + " has 3 faults:\n  data.vocabulary: " + data.vocabularyFile()
                        + ":2: piece 'x' stands on line 1 already; every piece must be there once\n  "
                        + data.reportFile("10000002", "50000001")
                        + ": not UTF-8 at byte 1; restore the report from its source\n  "
                        + data.imageFile("10000001", "50000002", "a50000002")
                        + ": no such file, though the metadata file lists it; restore it or take it out of the metadata"
                        + " file");
    }

    @Test
    void manyFaultsAreCountedButNotAllToldOneByOne() throws IOException {
        for (int i = 0; i < 30; i++) {
            data.row("PA,b" + i + ",,10000001,x");
        }
        assertThat(faults(data.written()))
                .startsWith("data set " + root + " has 30 faults:")
                .endsWith("and 10 more");
    }

    @Test
    void aMissingFolderIsNamed() throws IOException {
        DataSpec spec = data.written();
        DataSpec elsewhere = new DataSpec(spec.format(), root.resolve("no"), spec.vocabulary(), spec.split(), 4);
        assertThat(faults(elsewhere))
                .contains(root.resolve("no") + ": no such folder; data.root must name the folder of the data set");
    }

    @Test
    void aMissingTableIsNamed() throws IOException {
        DataSpec spec = data.written();
        Files.delete(data.splitFile());
        assertThat(faults(spec))
                .contains("has 1 fault:")
                .contains(data.splitFile() + ": no such file; it (or mimic-cxr-2.0.0-split.csv) must come with");
    }

    @Test
    void aMissingColumnIsNamed() throws IOException {
        DataSpec spec = data.writtenPlain();
        Path file = root.resolve("mimic-cxr-2.0.0-metadata.csv");
        Files.writeString(file, Files.readString(file).replace("ViewPosition", "View"));
        assertThat(faults(spec))
                .contains(file + ":1: no column 'ViewPosition'; the header row must name [dicom_id, subject_id,");
    }

    @Test
    void anEmptyTableIsNamed() throws IOException {
        DataSpec spec = data.writtenPlain();
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
        DataSpec spec = data.written();
        byte[] bytes = Files.readAllBytes(data.metadataFile());
        Files.write(data.metadataFile(), Arrays.copyOf(bytes, bytes.length - 12));
        assertThat(faults(spec))
                .contains(data.metadataFile() + ":")
                .contains("damaged gzip file (Unexpected end of ZLIB");
    }

    @Test
    void aFlippedBitInAGzipFileIsNamed() throws IOException {
        DataSpec spec = data.written();
        byte[] bytes = Files.readAllBytes(data.splitFile());
        bytes[bytes.length - 6] ^= 1;
        Files.write(data.splitFile(), bytes);
        assertThat(faults(spec)).contains(data.splitFile() + ": damaged gzip file (Corrupt GZIP trailer)");
    }

    @Test
    void aPlainFileNamedGzipIsNamed() throws IOException {
        DataSpec spec = data.written();
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
                .contains(file + ":8: image 'b3' has no row in the table mimic-cxr-2.0.0-split");
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
                .contains(data.metadataFile() + ":4: patient 10000001 is in the splits TRAIN and TEST");
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
                .contains(image + ": truncated JPEG file (" + bytes.length / 2 + " bytes, it must end with FF D9);"
                        + " restore the image from its source");
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
        PerduraException thrown = catchThrowableOfType(
                PerduraException.class, () -> MimicCxrReader.read(data.written(), ImageCheck.DECODE));
        assertThat(thrown).hasMessageContaining(image + ": damaged JPEG file (");
    }

    @Test
    void anEmptyResultTellsWhy() throws IOException {
        Files.delete(data.reportFile("10000001", "50000002"));
        Files.delete(data.reportFile("10000002", "50000001"));
        assertThat(faults(data.written()))
                .startsWith(
                        "data set " + root + " has no study for split TRAIN with at least 4 sentences; of 2 studies")
                .contains("2 studies without a report,");
    }

    @Test
    void inspectTellsFaultsAndCountsWithoutThrowing() throws IOException {
        DataSpec spec = data.written();
        Files.delete(data.imageFile("10000001", "50000002", "a50000002"));
        DataReport report = MimicCxrReader.inspect(spec);
        assertThat(report.faultCount()).isEqualTo(1);
        assertThat(report.faults()).hasSize(1);
        assertThat(report.studies()).isEqualTo(1);
    }

    @Test
    void aReportsTextStaysOutOfMessages() throws IOException {
        assertThat(MimicCxrReader.read(data.written(), ImageCheck.FRAME).toString())
                .doesNotContain("lungs");
    }

    private String faults(DataSpec spec) {
        PerduraException thrown =
                catchThrowableOfType(PerduraException.class, () -> MimicCxrReader.read(spec, ImageCheck.FRAME));
        assertThat(thrown.code()).isEqualTo(ErrorCode.INVALID_DATA);
        return String.valueOf(thrown.getMessage());
    }
}
