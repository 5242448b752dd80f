package perdura.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.training.image.BilinearResize;
import perdura.training.image.GrayImage;
import perdura.training.image.JpegFile;

class TestImagePipeline {
    @Test
    void pipelineScalesAndMirrors(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("image.jpg");
        Files.write(file, jpeg());
        GrayImage decoded = JpegFile.decode(file);
        byte[] pixels = BilinearResize.resize(decoded, 8, 8).pixels();
        FloatBuffer straight = FloatBuffer.allocate(64);
        FloatBuffer mirrored = FloatBuffer.allocate(70);
        new ImagePipeline(8, 0).write(file, 0, false, straight, 0);
        new ImagePipeline(8, 1000).write(file, 0, true, mirrored, 6);

        assertThat(straight.get(9)).isCloseTo(((pixels[9] & 0xFF) / 255f - 0.4755f) / 0.3011f, within(1e-6f));
        for (int x = 0; x < 8; x++) {
            assertThat(mirrored.get(6 + 8 + x)).isEqualTo(straight.get(8 + 7 - x));
        }
    }

    private static byte[] jpeg() throws IOException {
        String name = "/perdura/training/image/pillow.jpg";
        try (InputStream in = Objects.requireNonNull(TestImagePipeline.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        }
    }
}
