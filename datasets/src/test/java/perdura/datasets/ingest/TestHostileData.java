package perdura.datasets.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.datasets.source.FaultList.DataFault;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/** Data sets that would take all the memory or time there is, or that are not what they seem: one fault each, and an end. */
@Timeout(60)
class TestHostileData {
    private static final String PATIENT = "10000001";
    private static final String STUDY = "50000001";
    private static final int HUGE = 300 << 20;

    @TempDir
    private Path folder;

    private TestingMimic mimic;

    @BeforeEach
    void makeSet() throws IOException {
        mimic = new TestingMimic(folder.resolve("set"))
                .study(PATIENT, STUDY, "AP", "train")
                .study("10000002", "50000002", "PA", "test");
    }

    @Test
    void aTableOfCommasIsOneFault() throws IOException {
        mimic.written();
        gzip(mimic.metadataFile(), ',');
        assertThat(faults(mimic.spec(1))).singleElement().satisfies(fault -> {
            assertThat(fault.place()).isEqualTo(mimic.metadataFile() + ":1");
            assertThat(fault.reason()).contains(ReadLimit.TABLE_COLUMNS.variable());
        });
    }

    @Test
    void aTableOfOneEndlessFieldIsOneFault() throws IOException {
        mimic.written();
        gzip(mimic.metadataFile(), 'x');
        assertThat(faults(mimic.spec(1))).singleElement().satisfies(fault -> {
            assertThat(fault.place()).startsWith(mimic.metadataFile() + ":");
            assertThat(fault.reason()).contains(ReadLimit.TABLE_FIELD_CHARACTERS.variable());
        });
    }

    @Test
    void aTableOfEmptyLinesIsOneFault() throws IOException {
        mimic.written();
        gzip(mimic.metadataFile(), '\n');
        assertThat(faults(mimic.spec(1)))
                .singleElement()
                .satisfies(fault -> assertThat(fault.reason()).contains(ReadLimit.TABLE_BYTES.variable()));
    }

    @Test
    void membersOfAGzipFileAreOneTableHoweverManyAreEmpty() throws IOException {
        IngestSpec spec = mimic.written();
        byte[] table = unpacked(mimic.metadataFile());
        int half = table.length / 2;
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.writeBytes(packed(Arrays.copyOf(table, half)));
        byte[] empty = packed(new byte[0]);
        for (int i = 0; i < 200_000; i++) {
            members.writeBytes(empty);
        }
        members.writeBytes(packed(Arrays.copyOfRange(table, half, table.length)));
        members.writeBytes(new byte[1_000]);
        Files.write(mimic.metadataFile(), members.toByteArray());

        assertThat(faults(spec)).isEmpty();
    }

    static Stream<byte[]> damagedGzipFiles() {
        byte[] sound = packed("a,b\n".getBytes(StandardCharsets.UTF_8));
        byte[] otherChecksum = sound.clone();
        otherChecksum[sound.length - 8]++;
        byte[] otherLength = sound.clone();
        otherLength[sound.length - 1]++;
        byte[] endlessName = Arrays.copyOf(new byte[] {0x1F, (byte) 0x8B, 8, 8}, 30_000_000);
        Arrays.fill(endlessName, 10, endlessName.length, (byte) 'n');
        byte[] otherMethod = sound.clone();
        otherMethod[2] = 7;
        ByteArrayOutputStream junk = new ByteArrayOutputStream();
        junk.writeBytes(sound);
        junk.writeBytes(new byte[] {0, 'j'});
        return Stream.of(
                new byte[0],
                new byte[] {0x1F},
                Arrays.copyOf(sound, sound.length - 1),
                otherChecksum,
                otherLength,
                endlessName,
                otherMethod,
                junk.toByteArray());
    }

    @ParameterizedTest
    @MethodSource("damagedGzipFiles")
    void aDamagedGzipFileIsOneFault(byte[] bytes) throws IOException {
        mimic.written();
        Files.write(mimic.metadataFile(), bytes);
        assertThat(assertTimeout(Duration.ofSeconds(10), () -> faults(mimic.spec(1))))
                .filteredOn(fault -> fault.reason().startsWith("damaged gzip file ("))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.place()).startsWith(mimic.metadataFile().toString());
                    assertThat(fault.reason()).doesNotContain("null");
                });
    }

    @Test
    void aHugeReportInAZipFileIsAFaultOfItsStudy() throws IOException {
        IngestSpec spec = mimic.written();
        Path zip = zipped(spec.root(), mimic.reportFile(PATIENT, STUDY));
        DataReport report = inspect(TestingMimic.spec(zip, 1), spec);
        assertThat(report.samples()).isOne();
        assertThat(report.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.place()).endsWith("s" + STUDY + ".txt");
            assertThat(fault.reason()).contains(ReadLimit.REPORT_BYTES.variable());
        });
    }

    @Test
    void aHugeImageInAZipFileIsAFaultOfItsStudy() throws IOException {
        IngestSpec spec = mimic.written();
        Path zip = zipped(spec.root(), mimic.imageFile(PATIENT, STUDY, "a" + STUDY));
        assertThat(inspect(TestingMimic.spec(zip, 1), spec).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.reason()).contains(ReadLimit.IMAGE_BYTES.variable()));
    }

    /** A zip entry that is stored as it is: one byte of its pixels changed, and no decoder sees it. */
    @Test
    void aMemberOfAZipFileWithOtherBytesThanItsChecksumSaysIsAFault() throws IOException {
        IngestSpec spec = mimic.written();
        Path zip = folder.resolve("stored.zip");
        byte[] report = Files.readAllBytes(mimic.reportFile(PATIENT, STUDY));
        zip(spec.root(), zip, ZipOutputStream.STORED);
        byte[] bytes = Files.readAllBytes(zip);
        int at =
                new String(bytes, StandardCharsets.ISO_8859_1).indexOf(new String(report, StandardCharsets.ISO_8859_1));
        bytes[at + report.length / 2] ^= 1;
        Files.write(zip, bytes);
        assertThat(inspect(TestingMimic.spec(zip, 1), spec).faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.reason()).contains("checksum"));
    }

    @Test
    void whatIsNoRegularFileIsAFaultAndNotOpened() throws Exception {
        IngestSpec spec = mimic.written();
        Path image = mimic.imageFile(PATIENT, STUDY, "a" + STUDY);
        Files.delete(image);
        pipe(image);
        Path report = mimic.reportFile("10000002", "50000002");
        Files.delete(report);
        Files.createSymbolicLink(report, Path.of("/dev/zero"));
        List<DataFault> faults = faults(spec);
        assertThat(faults).anySatisfy(fault -> {
            assertThat(fault.place()).isEqualTo(image.toString());
            assertThat(fault.reason()).contains("named pipe");
        });
        assertThat(faults).anySatisfy(fault -> {
            assertThat(fault.place()).isEqualTo(report.toString());
            assertThat(fault.reason()).contains("device");
        });
    }

    @Test
    void aTableThatIsAPipeIsAFault() throws Exception {
        mimic.written();
        Files.delete(mimic.metadataFile());
        pipe(mimic.metadataFile());
        assertThat(faults(mimic.spec(1)))
                .singleElement()
                .satisfies(fault ->
                        assertThat(fault.place()).startsWith(mimic.root().toString()));
    }

    @Test
    void aSetThatIsAPipeIsRefused() throws Exception {
        IngestSpec spec = mimic.written();
        Path pipe = folder.resolve("set.zip");
        pipe(pipe);
        assertThatThrownBy(() -> inspect(TestingMimic.spec(pipe, 1), spec))
                .isInstanceOf(PerduraException.class)
                .hasFieldOrPropertyWithValue("code", ErrorCode.INVALID_DATA)
                .hasMessageContaining("named pipe");
    }

    @Test
    void aLinkToAFolderIsToldAndNotFollowed() throws IOException {
        IngestSpec spec = mimic.written();
        Path link = Files.createSymbolicLink(mimic.root().resolve("files/p10/all"), Path.of("/"));
        assertThat(faults(spec)).singleElement().satisfies(fault -> {
            assertThat(fault.place()).isEqualTo(link.toString());
            assertThat(fault.reason()).contains("link to a folder");
        });
    }

    @Test
    void theFolderOfASetMayBeALink() throws IOException {
        IngestSpec spec = mimic.written();
        Path link = Files.createSymbolicLink(folder.resolve("link"), mimic.root());
        Files.move(mimic.root().resolve("files"), folder.resolve("elsewhere"));
        Files.createSymbolicLink(mimic.root().resolve("files"), folder.resolve("elsewhere"));
        DataReport report = inspect(TestingMimic.spec(link, 1), spec);
        assertThat(report.samples()).isEqualTo(2);
        assertThat(report.faultCount()).isZero();
    }

    @Test
    void aNameOfAFileForgesNoLine() throws IOException {
        IngestSpec spec = mimic.written();
        Path stranger = mimic.imageFile(PATIENT, STUDY, "x\u001b[2J\nfaults 0\u202e");
        Files.write(stranger, new byte[] {1});
        assertThat(faults(spec))
                .singleElement()
                .satisfies(fault -> assertThat(fault.toString())
                        .doesNotContain("\u001b", "\n", "\u202e")
                        .contains("\\u001b[2J\\u000afaults 0\\u202e"));
    }

    @Test
    void aProgressiveImageOfManyScansIsAFault() throws IOException {
        IngestSpec spec = mimic.written();
        Path image = mimic.imageFile(PATIENT, STUDY, "a" + STUDY);
        Files.write(image, scans(800));
        assertThat(faults(spec)).singleElement().satisfies(fault -> {
            assertThat(fault.place()).isEqualTo(image.toString());
            assertThat(fault.reason()).contains("810 scans", ReadLimit.IMAGE_SCANS.variable());
        });
        Files.write(image, scans(0));
        assertThat(faults(spec)).isEmpty();
    }

    @Test
    void aRowWithAFaultMakesNoSecondOneOfItsFile() throws IOException {
        mimic.study("10000003", "50000003", "AP", "train");
        mimic.row("AP,a50000003,too,many,10000003,50000003");
        mimic.written();
        String table = String.join(
                "\n",
                "dicom_id,subject_id,study_id,ViewPosition",
                "a" + STUDY + "," + PATIENT + "," + STUDY + ",AP",
                "a50000002,10000002,50000002,PA,more",
                "a50000003,x,50000003,AP",
                "");
        Files.delete(mimic.metadataFile());
        Files.writeString(mimic.root().resolve("mimic-cxr-2.0.0-metadata.csv"), table);
        DataReport report = inspect(mimic.spec(1), mimic.spec(1));
        assertThat(report.faults().stream().map(DataFault::place))
                .allSatisfy(place -> assertThat(place).contains("metadata.csv:"))
                .hasSize(2);
        assertThat(report.leftOut()).contains(new DataReport.Count(Exclusion.FAULTY_ROW.description(), 2));
    }

    @Test
    void aStepOverWhichTooManyProcessesDiedFailsOnceAndSaysSo() throws IOException {
        IngestSpec spec = mimic.written();
        Path artifacts = folder.resolve("artifacts");
        IngestFolder place = new IngestFolder(artifacts, Ingest.key(spec), DurableEffects.counting());
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            ingest.plan(() -> {});
            Path begun = place.work().resolve("begun");
            for (int death = 0; death < ReadLimit.INGEST_DEATHS.standard(); death++) {
                Files.createFile(begun.resolve("part-00000." + death)); // what a process that died leaves behind
            }
            assertThatThrownBy(() -> ingest.make(0, () -> {}))
                    .isInstanceOf(PerduraException.class)
                    .hasFieldOrPropertyWithValue("code", ErrorCode.INVALID_DATA)
                    .hasMessageContaining("part-00000");
            assertThat(ingest.make(0, () -> {}).faults()).isZero();
            assertThat(ingest.finish(() -> {}).samples()).isEqualTo(2);
        }
    }

    private static List<DataFault> faults(IngestSpec spec) {
        return inspect(spec, spec).faults();
    }

    /** @param vocabulary an ingest of the same vocabulary */
    private static DataReport inspect(IngestSpec spec, IngestSpec vocabulary) {
        IngestSpec whole = new IngestSpec(
                spec.set(),
                spec.root(),
                spec.profile(),
                spec.imageSize(),
                vocabulary.vocabulary(),
                1,
                spec.sections(),
                null,
                spec.sampling(),
                false,
                false);
        return Ingest.inspect(whole, 1, (samples, all, faults) -> {});
    }

    private static void pipe(Path path) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
    }

    private static byte[] packed(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static byte[] unpacked(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    private static void gzip(Path file, char one) throws IOException {
        byte[] block = new byte[1 << 20];
        Arrays.fill(block, (byte) one);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < HUGE >> 20; i++) {
                out.write(block);
            }
        }
    }

    /** The set as a zip file in which one file is huge. */
    private Path zipped(Path root, Path huge) throws IOException {
        Files.write(huge, new byte[0]);
        Path zip = folder.resolve("set.zip");
        zip(root, zip, ZipOutputStream.DEFLATED, huge);
        return zip;
    }

    private static void zip(Path root, Path zip, int method, Path... huge) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
                var files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                byte[] bytes = Files.readAllBytes(file);
                ZipEntry entry = new ZipEntry(root.relativize(file).toString());
                entry.setMethod(method);
                if (method == ZipOutputStream.STORED) {
                    CRC32 crc = new CRC32();
                    crc.update(bytes);
                    entry.setCrc(crc.getValue());
                    entry.setSize(bytes.length);
                }
                out.putNextEntry(entry);
                out.write(bytes);
                if (List.of(huge).contains(file)) {
                    byte[] block = new byte[1 << 20];
                    for (int i = 0; i < HUGE >> 20; i++) {
                        out.write(block);
                    }
                }
                out.closeEntry();
            }
        }
    }

    /** A progressive image with its last scan so many times more. */
    static byte[] scans(int more) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.setOutput(out);
            BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_3BYTE_BGR);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        byte[] whole = bytes.toByteArray();
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        int last = text.lastIndexOf("\u00ff\u00da");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(whole, 0, whole.length - 2);
        for (int i = 0; i < more; i++) {
            out.write(whole, last, whole.length - 2 - last);
        }
        out.write(whole, whole.length - 2, 2);
        return out.toByteArray();
    }
}
