package perdura.datasets.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.datasets.image.DicomWriter.Encoding;
import perdura.datasets.image.DicomWriter.Photometric;
import perdura.datasets.image.DicomWriter.Tags;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.source.SourceTree;
import perdura.grids.spec.ReadLimit;

/** Files and expected greys come from pydicom, NumPy and OpenCV; {@code make_dicom.py} beside the fixture makes them. */
class TestDicomFile {
    private static final String EXPLICIT = Encoding.EXPLICIT_LITTLE_ENDIAN.uid();
    private static final String JPEG = Encoding.JPEG_BASELINE.uid();

    private static final String DAMAGED = """
        no Rows|it has no Rows (0028,0010)
        no Columns|it has no Columns (0028,0011)
        no BitsAllocated|it has no BitsAllocated (0028,0100)
        no BitsStored|it has no BitsStored (0028,0101)
        no HighBit|it has no HighBit (0028,0102)
        no PixelRepresentation|it has no PixelRepresentation (0028,0103)
        no SamplesPerPixel|it has no SamplesPerPixel (0028,0002)
        no PhotometricInterpretation|it has no PhotometricInterpretation (0028,0004)
        no PixelData|its 480 bytes hold no PixelData (7fe0,0010)
        Rows 0|Rows (0028,0010) at byte 420 is 0, it must be 1 to 65535
        Columns 0|Columns (0028,0011) at byte 430 is 0, it must be 1 to 65535
        BitsStored 9|BitsStored (0028,0101) at byte 450 is 9, it must be 1 to 8
        HighBit 8|HighBit (0028,0102) at byte 460 is 8, it must be at least 7 and below 8
        HighBit 5|HighBit (0028,0102) at byte 460 is 5, it must be at least 7 and below 8
        PixelRepresentation 2|PixelRepresentation (0028,0103) at byte 470 is 2, it must be 0 or 1
        Rows 6|PixelData (7fe0,0010) at byte 480 has 36 bytes, 6 rows of 7 pixels of 8 bits need 42
        Rows 65535|PixelData (7fe0,0010) at byte 480 has 36 bytes, 65535 rows of 7 pixels of 8 bits need 458745
        Rows 2|PixelData (7fe0,0010) at byte 480 has 36 bytes, 2 rows of 7 pixels of 8 bits need 14
        SamplesPerPixel 3|SamplesPerPixel (0028,0002) at byte 390 is 3, which MONOCHROME2 can't have
        WindowWidth 0|WindowWidth (0028,1051) at byte 490 is 0.0, it must be at least 1
        WindowWidth -3|WindowWidth (0028,1051) at byte 490 is -3.0, it must be at least 1
        WindowCenter ten|WindowCenter (0028,1050) at byte 480 is 'ten', it must be a decimal number
        RescaleSlope 1,25|RescaleSlope (0028,1053) at byte 490 is '1,25', it must be a decimal number
        Rows of 4 bytes|Rows (0028,0010) at byte 420 has 4 bytes, it must have 2
        JPEG of another size|PixelData (7fe0,0010) at byte 482: a JPEG image of 19 x 24 pixels with 1 sample, the file says 20 x 24 pixels with 1 sample
        JPEG with colours, said to be grey|PixelData (7fe0,0010) at byte 482: a JPEG image of 19 x 24 pixels with 3 samples, the file says 19 x 24 pixels with 1 sample
        JPEG, truncated|PixelData (7fe0,0010) at byte 482: truncated JPEG file (222 bytes, it ends in front of its pixels)
        JPEG of 7 bits|BitsStored (0028,0101) at byte 452 is 7, it must be 8 in JPEG Baseline
        JPEG, none at all|PixelData (7fe0,0010) at byte 482: not a JPEG file (16 bytes, it must begin with FF D8)
        JPEG, no fragment|PixelData (7fe0,0010) at byte 482: not a JPEG file (0 bytes, it must begin with FF D8)
        JPEG, no end|it ends at byte 956 within the element that begins at byte 956
        JPEG, not in fragments|PixelData (7fe0,0010) at byte 482 is not in fragments, the file says it is JPEG
        uncompressed, in fragments|PixelData (7fe0,0010) at byte 480 is compressed, the file says it isn't
        """;

    private static final String UNSUPPORTED = """
        NumberOfFrames 2|NumberOfFrames (0028,0008) at byte 420 is '2'); store each frame in a file of its own
        VOILUTFunction CUBIC|VOILUTFunction (0028,1056) at byte 500 is 'CUBIC'); store it with a LINEAR window
        BitsAllocated 32|BitsAllocated (0028,0100) at byte 440 is 32); store it with 8 bits or 16 bits for each pixel
        PALETTE COLOR|PhotometricInterpretation (0028,0004) at byte 400 is 'PALETTE COLOR'); store it as MONOCHROME2 or MONOCHROME1, or its colours as JPEG Baseline
        RGB, uncompressed|PhotometricInterpretation (0028,0004) at byte 400 is 'RGB'); store it as MONOCHROME2 or MONOCHROME1, or its colours as JPEG Baseline
        ModalityLUTSequence|it has a ModalityLUTSequence (0028,3000) at byte 480); store it with a rescale slope and intercept
        """;

    @Test
    void everyCaseDecodesAsInPython() throws IOException {
        for (JsonNode expected : fixture().get("cases")) {
            String name = expected.get("name").asText();
            GrayImage image = DicomFile.decode(file(expected));
            assertThat(image.width()).as(name).isEqualTo(expected.get("width").asInt());
            assertThat(image.height()).as(name).isEqualTo(expected.get("height").asInt());
            int tolerance = expected.get("tolerance").asInt(); // of JPEG decoders, times the scale; else 0
            for (int i = 0; i < image.pixels().length; i++) {
                assertThat(image.pixels()[i] & 0xFF)
                        .as("%s, pixel %d", name, i)
                        .isCloseTo(expected.get("expected").get(i).asInt(), within(tolerance));
            }
        }
    }

    @Test
    void everyFaultIsNamedWithPlaceAndRemedy() throws IOException {
        Map<String, String> messages = new LinkedHashMap<>();
        DAMAGED.lines()
                .map(line -> line.split("\\|", 2))
                .forEach(line -> messages.put(
                        line[0], "damaged DICOM file (" + line[1] + "); restore it from its source or leave it out"));
        UNSUPPORTED
                .lines()
                .map(line -> line.split("\\|", 2))
                .forEach(line -> messages.put(line[0], "unsupported DICOM file (" + line[1]));
        for (JsonNode faulty : fixture().get("refused")) {
            String name = faulty.get("name").asText();
            assertThatIOException()
                    .as(name)
                    .isThrownBy(() -> DicomFile.decode(file(faulty)))
                    .withMessage(messages.remove(name));
        }
        assertThat(messages).isEmpty();
    }

    @Test
    void everyOtherTransferSyntaxIsRefusedByItsName() throws IOException {
        int refused = 0;
        for (Map.Entry<String, JsonNode> syntax : fixture().get("syntaxes").properties()) {
            String uid = syntax.getKey();
            if (Arrays.stream(Encoding.values()).noneMatch(read -> read.uid().equals(uid))
                    && uid.startsWith("1.2.840.10008.1.2.")) {
                assertThatIOException()
                        .isThrownBy(() -> DicomFile.decode(dicom(uid, 1, 1, "")))
                        .withMessageContainingAll("DICOM", syntax.getValue().asText(), uid, "JPEG Baseline");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(50);
        assertThatIOException()
                .isThrownBy(() -> DicomFile.decode(dicom("1.2.3.4", 1, 1, "")))
                .withMessageContaining("its transfer syntax is '1.2.3.4')");
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.840.10008.1.3.10, the directory of a medium (DICOMDIR)",
        "1.2.840.10008.5.1.4.1.1.88.11, a structured report",
        "1.2.840.10008.5.1.4.1.1.88.59, a structured report",
        "1.2.840.10008.5.1.4.1.1.104.1, an encapsulated document",
        "1.2.840.10008.5.1.4.1.1.11.1, a presentation state",
        "1.2.840.10008.5.1.4.1.1.9.1.1, a waveform",
        "1.2.840.10008.5.1.4.1.1.481.5, a plan or another object of radiotherapy"
    })
    void whatIsNoImageIsNamed(String sopClass, String content) {
        DicomElementWriter meta = new DicomElementWriter(true);
        meta.text(0x0002_0002, "UI", sopClass);
        meta.text(0x0002_0010, "UI", EXPLICIT);
        DicomElementWriter elements = new DicomElementWriter(true);
        elements.text(0x0008_0060, "CS", "OT");
        for (byte[] body : List.of(new byte[0], elements.toBytes())) {
            assertThatIOException()
                    .isThrownBy(() -> DicomFile.decode(file(meta.toBytes(), body)))
                    .withMessage("unsupported DICOM file (it holds " + content + ", no image); leave it out");
        }
    }

    @ParameterizedTest
    @CsvSource({"true, IMPLICIT_LITTLE_ENDIAN", "false, EXPLICIT_LITTLE_ENDIAN"})
    void elementsThatAreNotOfTheirTransferSyntaxAreReadAsTheyAre(boolean isExplicit, Encoding declared)
            throws IOException {
        DicomElementWriter meta = new DicomElementWriter(true);
        meta.text(0x0002_0010, "UI", declared.uid());
        DicomElementWriter elements = new DicomElementWriter(isExplicit);
        image(elements, 2, 2);
        elements.bytes(0x7FE0_0010, "OB", new byte[] {0, 85, (byte) 170, (byte) 255});
        assertThat(DicomFile.decode(file(meta.toBytes(), elements.toBytes())).pixels())
                .containsExactly(0, 85, (byte) 170, (byte) 255);
    }

    @Test
    void everyTruncationIsAFault() throws IOException {
        int step = 0; // another third of the lengths for each case
        for (JsonNode expected : fixture().get("cases")) {
            byte[] whole = file(expected);
            int end = whole.length - (expected.get("name").asText().contains("behind") ? 40 : 2);
            for (int length = step++ % 3; length < end; length += 3) {
                if (!isRefused(Arrays.copyOf(whole, length))) {
                    fail("%s is read with %d bytes", expected.get("name"), length);
                }
            }
        }
    }

    @Test
    void damageOfAnyKindEndsInAnImageOrAnIoException() throws IOException {
        RandomStream random = new RandomStream(20260);
        int refused = 0;
        for (JsonNode expected : fixture().get("cases")) {
            for (int i = 0; i < 15; i++) {
                byte[] damaged = file(expected);
                for (int k = 0; k <= random.bounded(4); k++) {
                    damaged[random.bounded(damaged.length)] = (byte) random.bounded(256);
                }
                try {
                    assertThat(DicomFile.decode(damaged).pixels()).isNotEmpty();
                } catch (IOException e) {
                    refused++;
                    assertThat(e).hasMessageMatching("(damaged|unsupported) DICOM file .+");
                }
            }
        }
        assertThat(refused).isGreaterThan(100);
    }

    @Test
    void aBombIsRefusedBeforeAnythingIsAllocated() throws IOException {
        assertBomb(
                dicom(EXPLICIT, 65535, 65535, "E07F1000 4F420000 F0FFFFFF 0000"),
                "element (7fe0,0010) at byte 250 has a length of 4294967280 bytes, but only 2 are left");
        assertBomb(
                dicom(EXPLICIT, 65535, 65535, "E07F1000 4F420000 02000000 0000"),
                "has 2 bytes, 65535 rows of 65535 pixels of 8 bits need 4294836225");
        assertBomb(
                dicom(EXPLICIT, 8, 8, "09000110 53510000 FFFFFFFF FEFF00E0 FFFFFFFF".repeat(100_000)),
                "element (0009,1001) at byte 890 is nested in more than 32 sequences");
    }

    @Test
    void aBombOfJpegIsRefusedBeforeAnythingIsAllocated() throws IOException {
        String jpeg = HexFormat.of().withUpperCase().formatHex(JpegFile.encode(new byte[64], 8, 8));
        String pixelData = "E07F1000 4F420000 FFFFFFFF FEFF00E0 00000000 ";
        String end = "FEFFDDE0 00000000";
        String large = jpeg.replace("FFC0000B0800080008", "FFC0000B0825002500"); // 9472 x 9472
        String length = HexFormat.of().toHexDigits(Integer.reverseBytes(jpeg.length() / 2));
        assertThat(DicomFile.decode(dicom(JPEG, 8, 8, pixelData + "FEFF00E0" + length + jpeg + end))
                        .width())
                .isEqualTo(8);
        assertBomb(
                dicom(JPEG, 9472, 9472, pixelData + "FEFF00E0" + length + large + end),
                "damaged JPEG file (its size is 9472 x 9472, more than its " + jpeg.length() / 2 + " bytes can hold)");
        assertBomb(
                dicom(JPEG, 8, 8, pixelData + "FEFF00E0 01000000 00".repeat(200_000) + end),
                "not a JPEG file (200000 bytes, it must begin with FF D8)");
    }

    @Test
    void aFileLargerThanAnyImageIsNotRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("large.dcm");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        try (SourceTree tree = SourceTree.open(folder)) {
            assertThatIOException()
                    .isThrownBy(() -> tree.read("large.dcm", ReadLimit.IMAGE_BYTES))
                    .withMessageContainingAll("3221225472", Long.toString(ReadLimit.IMAGE_BYTES.most()));
        }
    }

    @Test
    void aFileOfAnotherKindIsNone() {
        assertThatIOException()
                .isThrownBy(() -> DicomFile.decode("no image".getBytes(StandardCharsets.US_ASCII)))
                .withMessageContainingAll("DICOM", "8 bytes", "DICM", "byte 128", "0002", "0008");
    }

    @Test
    void aFileOfAKnownKindIsNamed() throws IOException {
        byte[] jpeg = JpegFile.encode(new byte[64], 8, 8);
        assertThatIOException()
                .isThrownBy(() -> DicomFile.decode(jpeg))
                .withMessage("unsupported DICOM file (it is a JPEG file); restore it from its source or leave it out");
    }

    @Test
    void whatTheWriterWritesIsReadBack() throws IOException {
        byte[] pixels = new byte[15 * 7];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 255 / (pixels.length - 1)); // 0 to 255, so that scaling changes nothing
        }
        for (Encoding encoding : Encoding.values()) {
            for (Photometric photometric : Photometric.values()) {
                Tags tags = new Tags("p1", "1.2.3.4", "1.2.3", "1.2.3.1", "PA", photometric);
                byte[] file = DicomWriter.write(new GrayImage(15, 7, pixels.clone()), tags, encoding);
                assertThat(file).isEqualTo(DicomWriter.write(new GrayImage(15, 7, pixels.clone()), tags, encoding));
                GrayImage read = DicomFile.decode(file);
                assertThat(read.width()).isEqualTo(15);
                for (int i = 0; i < pixels.length; i++) {
                    int loss = encoding == Encoding.JPEG_BASELINE ? 4 : 0; // of JPEG at quality 0.95 on a ramp
                    assertThat(read.pixels()[i] & 0xFF)
                            .as("%s %s %d", encoding, photometric, i)
                            .isCloseTo(pixels[i] & 0xFF, within(loss));
                }
            }
        }
    }

    @Test
    void tagsOfOtherFormAreRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Tags("p1", "1.2.x", "1.2.3", "1.2.3.1", "PA", Photometric.MONOCHROME2))
                .withMessageContainingAll("sopInstanceUid", "[0-9.]{1,64}", "'1.2.x'");
    }

    private static boolean isRefused(byte[] file) {
        try {
            DicomFile.decode(file);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static void assertBomb(byte[] bomb, String message) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatIOException().isThrownBy(() -> DicomFile.decode(bomb)).withMessageContaining(message);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20L * bomb.length + 2_000_000);
    }

    /** A file of 8 bits with any transfer syntax, any size and anything, in hexadecimal, behind its header. */
    private static byte[] dicom(String syntax, int rows, int columns, String behind) {
        DicomElementWriter elements = new DicomElementWriter(true);
        elements.text(0x0002_0010, "UI", syntax);
        image(elements, rows, columns);
        return file(elements.toBytes(), HexFormat.of().parseHex(behind.replace(" ", "")));
    }

    /** Attributes of an image of 8 bits. */
    private static void image(DicomElementWriter elements, int rows, int columns) {
        elements.number16(0x0028_0002, 1);
        elements.text(0x0028_0004, "CS", "MONOCHROME2");
        elements.number16(0x0028_0010, rows);
        elements.number16(0x0028_0011, columns);
        elements.number16(0x0028_0100, 8);
        elements.number16(0x0028_0101, 8);
        elements.number16(0x0028_0102, 7);
        elements.number16(0x0028_0103, 0);
    }

    private static byte[] file(byte[] front, byte[] behind) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[128]);
        file.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(front);
        file.writeBytes(behind);
        return file.toByteArray();
    }

    private static byte[] file(JsonNode entry) {
        return Base64.getDecoder().decode(entry.get("file").asText());
    }

    private static JsonNode fixture() throws IOException {
        try (InputStream in = Objects.requireNonNull(TestDicomFile.class.getResourceAsStream("dicom.json"))) {
            return new ObjectMapper().readTree(in);
        }
    }
}
