package perdura.datasets.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.image.DicomFile;
import perdura.datasets.image.DicomWriter;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.JpegFile;
import perdura.datasets.image.PixelMask;
import perdura.datasets.image.RunLength;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.text.SectionParser;
import perdura.datasets.text.StudySentences;
import perdura.datasets.text.Vocabulary;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.testkit.Fuzzing;
import perdura.testkit.MimicFolder;

/** Damaged files for every reader of data sets. */
@Tag("fuzz")
class ITFuzzData {
    private static final String TABLE = """
            dicom_id,subject_id,study_id,ViewPosition
            "a-1",10000001,50000001,AP
            b2,10000002,50000002,"P""A"
            """;

    @TempDir
    private Path folder;

    @Test
    void csv() {
        assertTried(Fuzzing.of("CSV")
                .run(
                        List.of(bytes(TABLE), bytes(TABLE.replace("\n", "\r\n"))),
                        bytes -> table("t.csv", bytes),
                        TableFaultException.class::isInstance));
    }

    @Test
    void gzip() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(bytes(TABLE.repeat(50)));
        }
        assertTried(Fuzzing.of("gzip")
                .run(
                        List.of(zipped.toByteArray()),
                        bytes -> table("t.csv.gz", bytes),
                        TableFaultException.class::isInstance));
    }

    /** A table with faults, which its reader lists. */
    private static final class TableFaultException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private void table(String name, byte[] bytes) throws IOException {
        Files.write(folder.resolve(name), bytes);
        try (SourceTree tree = SourceTree.open(folder)) {
            FaultList faults = new FaultList();
            CsvTable.read(tree, "t.csv", List.of("dicom_id", "study_id"), faults, row -> {}, row -> {});
            faults.first().forEach(fault -> assertThat(fault.toString()).doesNotContain("\n", "\u001b"));
            if (faults.count() > 0) {
                throw new TableFaultException();
            }
        } finally {
            Files.delete(folder.resolve(name));
        }
    }

    @Test
    void zip() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zipped)) {
            for (String name : List.of("a/t.csv", "a/s1.txt", "b")) {
                out.putNextEntry(new ZipEntry(name));
                out.write(bytes(TABLE));
                out.closeEntry();
            }
        }
        Path file = folder.resolve("x.zip");
        assertTried(Fuzzing.of("zip")
                .run(
                        List.of(zipped.toByteArray()),
                        bytes -> {
                            Files.write(file, bytes);
                            try (SourceTree tree = SourceTree.open(file)) {
                                tree.faults();
                                tree.folders();
                                tree.visit("", path -> {
                                    try {
                                        tree.read(path, ReadLimit.REPORT_BYTES);
                                    } catch (IOException e) {
                                        assertThat(RegularFile.reason(e)).isNotEmpty();
                                    }
                                });
                            }
                        },
                        ITFuzzData::isFault));
    }

    @Test
    void jpeg() throws IOException {
        byte[] pixels = new byte[40 * 24];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 7);
        }
        assertTried(Fuzzing.of("JPEG")
                .run(
                        List.of(JpegFile.encode(pixels, 40, 24), TestHostileData.scans(0)),
                        bytes -> assertThat(JpegFile.decode(bytes).pixels()).isNotEmpty(),
                        IOException.class::isInstance));
    }

    @Test
    void dicom() throws IOException {
        GrayImage image = new GrayImage(16, 16, new byte[256]);
        DicomWriter.Tags tags =
                new DicomWriter.Tags("p", "1.2.3", "1.2", "1.2.1", "PA", DicomWriter.Photometric.MONOCHROME2);
        List<byte[]> sound = List.of(
                DicomWriter.write(image, tags, DicomWriter.Encoding.EXPLICIT_LITTLE_ENDIAN),
                DicomWriter.write(image, tags, DicomWriter.Encoding.IMPLICIT_LITTLE_ENDIAN),
                DicomWriter.write(image, tags, DicomWriter.Encoding.JPEG_BASELINE));
        assertTried(Fuzzing.of("DICOM")
                .run(
                        sound,
                        bytes -> assertThat(DicomFile.decode(bytes).pixels()).isNotEmpty(),
                        IOException.class::isInstance));
    }

    @Test
    void vocabulary() throws IOException {
        byte[] sound = Files.readAllBytes(new TestingMimic(folder.resolve("set")).vocabularyFile());
        Path file = folder.resolve("vocab.txt");
        assertTried(Fuzzing.of("vocabulary")
                .run(
                        List.of(sound),
                        bytes -> {
                            Files.write(file, bytes);
                            Vocabulary.read(file);
                        },
                        ITFuzzData::isFault));
    }

    @Test
    void report() {
        byte[] sound = bytes(MimicFolder.REPORT + "\n INDICATION: 1. Cough. 2.) fever e.g. 38.5 C.\nFINDINGS:\n");
        assertTried(Fuzzing.of("report")
                .run(
                        List.of(sound, bytes(MimicFolder.REPORT)),
                        bytes -> {
                            SectionParser.ReportSections sections =
                                    SectionParser.select(new String(bytes, StandardCharsets.UTF_8));
                            sections.sentences();
                            StudySentences.of(sections.findings());
                        },
                        e -> false));
    }

    @Test
    void runLengths() {
        assertTried(Fuzzing.of("run lengths")
                .run(
                        List.of(bytes("3 4 100 2 5 1"), bytes("-1"), bytes("0 256")),
                        bytes -> RunLength.draw(new String(bytes, StandardCharsets.ISO_8859_1), new PixelMask(32, 32)),
                        ITFuzzData::isFault));
    }

    private static boolean isFault(Throwable e) {
        return e instanceof PerduraException fault
                && !String.valueOf(fault.getMessage()).contains("\u001b");
    }

    private static void assertTried(Fuzzing.Tried tried) {
        assertThat(tried.files()).isPositive();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
