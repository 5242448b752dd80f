package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.array.NpyFile;
import perdura.datasets.array.NpyWriter;
import perdura.datasets.array.NpyWriter.NpyType;

class TestPriorImages {
    @TempDir
    private Path folder;

    @Test
    void imagesAreScaledAndMirrored() throws IOException {
        byte[] pixels = new byte[2 * 64];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 37);
        }
        GreyImages images = new GreyImages(write(pixels));
        FloatBuffer straight = FloatBuffer.allocate(64);
        FloatBuffer mirrored = FloatBuffer.allocate(70);
        images.write(1, 0, false, straight, 0);
        images.write(1, 0, true, mirrored, 6);

        assertThat(straight.get(9)).isCloseTo(((pixels[64 + 9] & 0xFF) / 255f - 0.4755f) / 0.3011f, within(1e-6f));
        for (int x = 0; x < 8; x++) {
            assertThat(mirrored.get(6 + 8 + x)).isEqualTo(straight.get(8 + 7 - x));
        }
    }

    private NpyFile write(byte[] pixels) throws IOException {
        Path file = folder.resolve("images.npy");
        try (NpyWriter writer = NpyWriter.create(file, NpyType.UINT8, 2, 8, 8)) {
            writer.put(pixels);
            writer.finish();
        }
        return NpyFile.map(file);
    }
}
