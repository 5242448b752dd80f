package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.GrayJpeg;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;

/** Pictures as large as real radiographs, in pixels and in bytes. */
final class Radiographs {
    private Radiographs() {}

    /** Soft shapes with the grain of a detector, which makes a file as large as a real one. Another one for each number. */
    static void draw(Path file, int number, int width, int height) throws IOException {
        RandomStream random = Seeds.stream("benchmark", "ingest", number);
        byte[] pixels = BilinearResize.resize(noise(random), width, height).pixels();
        for (int i = 0; i < pixels.length; i++) {
            double grain = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
            pixels[i] = (byte) Math.max(0, Math.min(255, (pixels[i] & 0xFF) + 3.4 * grain));
        }
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, GrayJpeg.encode(pixels, width, height));
    }

    private static GrayImage noise(RandomStream random) {
        byte[] pixels = new byte[9 * 11];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Math.max(0, Math.min(255, 128 + 50 * random.nextGaussian()));
        }
        return new GrayImage(9, 11, pixels);
    }

    /** Deletes a folder with all that is in it. */
    static void delete(Path folder) throws IOException {
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry : entries.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(entry);
            }
        }
    }
}
