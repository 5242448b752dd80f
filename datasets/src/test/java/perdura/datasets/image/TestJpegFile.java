package perdura.datasets.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.image.JpegSegments.JpegFrame;
import perdura.datasets.seeds.RandomStream;
import perdura.grids.spec.ReadLimit;

class TestJpegFile {
    private static final int SIDE = 2_000;

    private byte[] valid;

    @BeforeEach
    void readValidFile() throws IOException {
        try (InputStream in = Objects.requireNonNull(TestJpegFile.class.getResourceAsStream("pillow.jpg"))) {
            valid = in.readAllBytes();
        }
    }

    @Test
    void aValidFileHasNoFault() throws IOException {
        JpegFrame frame = JpegFile.frame(valid);
        assertThat(JpegFile.frame(Arrays.copyOf(valid, valid.length + 3))).isEqualTo(frame); // padded with zeros
        byte[] longer = Arrays.copyOf(valid, valid.length + 3);
        longer[valid.length + 1] = 'x';
        assertThat(JpegFile.frame(longer)).isEqualTo(frame);
    }

    @Test
    void everyTruncationIsAFault() {
        for (int length = 0; length < valid.length; length++) {
            byte[] truncated = Arrays.copyOf(valid, length);
            assertThatIOException().as("%d bytes", length).isThrownBy(() -> JpegFile.frame(truncated));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "89504e470d0a1a0a0000, PNG file",
        "474946383961, GIF file",
        "49492a0008000000, TIFF file",
        "4d4d002a00000008, TIFF file",
        "524946460000000057454250, WebP file",
        "424d36000000, BMP file",
        "0000000c6a5020200d0a870a, JPEG 2000 file",
        "255044462d312e37, PDF file",
        "3c68746d6c3e, 'web page, perhaps the answer of a server that wanted a login'"
    })
    void anotherKindOfFileIsNamed(String hex, String kind) {
        assertThatIOException()
                .isThrownBy(() -> JpegFile.frame(HexFormat.of().parseHex(hex)))
                .withMessage("not a JPEG file but a " + kind);
    }

    @Test
    void anAbsurdSizeIsAFault() {
        for (int at = 0; at + 1 < valid.length; at++) {
            if ((valid[at] & 0xFF) == 0xFF && (valid[at + 1] & 0xFF) == 0xC0) {
                Arrays.fill(valid, at + 5, at + 9, (byte) 0xFF);
            }
        }
        assertThatIOException()
                .isThrownBy(() -> JpegFile.frame(valid))
                .withMessageContainingAll(
                        "damaged JPEG file (its size is 65535 x 65535", ReadLimit.IMAGE_SAMPLES.variable());
    }

    @Test
    void aMissingHeaderIsAFault() {
        byte[] bare = {(byte) 0xFF, (byte) 0xD8, 1, 2, (byte) 0xFF, (byte) 0xD9};
        assertThatIOException()
                .isThrownBy(() -> JpegFile.frame(bare))
                .withMessage("damaged JPEG file (no segment begins at byte 2)");
    }

    @Test
    void damageOfAnyKindEndsInAnImageOrAnIoException() {
        RandomStream random = new RandomStream(20260);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] damaged = valid.clone();
            for (int k = 0; k <= random.bounded(4); k++) {
                damaged[random.bounded(damaged.length)] = (byte) random.bounded(256);
            }
            try {
                assertThat(JpegFile.decode(damaged).pixels()).isNotEmpty();
            } catch (IOException e) {
                refused++;
                assertThat(e).hasMessageMatching("(?s).+");
            }
        }
        assertThat(refused).isBetween(50, 399);
    }

    @ParameterizedTest
    @ValueSource(ints = {ImageWriteParam.MODE_DISABLED, ImageWriteParam.MODE_DEFAULT})
    void theTimeOfAnImageIsLimited(int progressive) throws IOException {
        byte[] bytes = large(progressive);
        assertThat(JpegFile.decode(bytes, TimeUnit.SECONDS.toNanos(60)).width()).isEqualTo(SIDE);
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        assertThatIOException()
                .isThrownBy(() -> JpegFile.decode(bytes, TimeUnit.MILLISECONDS.toNanos(5)))
                .withMessageContaining(ReadLimit.IMAGE_SECONDS.variable())
                .withMessageContaining(SIDE + " x " + SIDE);
        assertThat(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin)
                .isLessThan(TimeUnit.SECONDS.toNanos(2));
    }

    /** Noise, which takes a decoder longest. */
    private static byte[] large(int progressive) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        byte[] pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        new Random(7).nextBytes(pixels);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam param = writer.getDefaultWriteParam();
        param.setProgressiveMode(progressive);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
