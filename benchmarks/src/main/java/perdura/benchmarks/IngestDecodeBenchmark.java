package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import perdura.training.image.BilinearResize;
import perdura.training.image.GrayImage;
import perdura.training.image.GrayJpeg;
import perdura.training.image.JpegFile;
import perdura.training.seeds.RandomStream;
import perdura.training.seeds.Seeds;

/**
 * What ingest does to a radiograph: read, decode and resize a grey JPEG of 2544 x 3056 to 224 x 224. Threads of ours and as
 * many processes with Pillow take turns on the same files. Arguments: threads (default 2), rounds (default 8), images
 * (default 24), a Python with Pillow (default python3).
 */
public final class IngestDecodeBenchmark {
    private static final int WIDTH = 2544;
    private static final int HEIGHT = 3056;
    private static final int SIDE = 224;
    private static final int WARM_UP = 2;

    private IngestDecodeBenchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : 2;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 8;
        int images = args.length > 2 ? Integer.parseInt(args[2]) : 24;
        String python = args.length > 3 ? args[3] : "python3";
        Path folder = Files.createTempDirectory("perdura-benchmark");
        List<Path> files = draw(folder, images);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        Optional<PillowProcess> pillow = PillowProcess.start(python, folder, threads, SIDE, files);
        try {
            measure(pool, files, pillow, rounds, threads);
            if (pillow.isEmpty()) {
                System.out.println("  " + python + " has no Pillow: nothing to compare with");
            }
        } finally {
            pool.shutdown();
            if (pillow.isPresent()) {
                pillow.get().close();
            }
            delete(folder);
        }
    }

    private static void measure(
            ExecutorService pool, List<Path> files, Optional<PillowProcess> pillow, int rounds, int threads)
            throws IOException, InterruptedException, ExecutionException {
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = -WARM_UP; round < rounds; round++) {
            boolean oursFirst = round % 2 == 0;
            double before = oursFirst || pillow.isEmpty() ? 0 : pillow.get().round();
            double our = round(pool, files);
            double their = oursFirst && pillow.isPresent() ? pillow.get().round() : before;
            if (round >= 0) {
                ours.add(files.size() / our);
                theirs.add(files.size() / their);
                ratios.add(their / our);
            }
        }
        System.out.printf(
                "grey JPEG of %d x %d, %.2f MB each, to %d x %d, median of %d rounds of %d%n",
                WIDTH, HEIGHT, Files.size(files.get(0)) / 1e6, SIDE, SIDE, rounds, files.size());
        System.out.printf("  ours, %d threads               %7.1f images/s%n", threads, median(ours));
        if (pillow.isPresent()) {
            System.out.printf(
                    "  Pillow %s, %d processes    %7.1f images/s%n",
                    pillow.get().version(), threads, median(theirs));
            System.out.printf("  ratio, median over rounds     %7.2f (goal: at least 1)%n", median(ratios));
            System.out.printf(
                    "  largest difference of a pixel %7d%n",
                    difference(resized(files.get(0)), pillow.get().firstImage()));
        }
    }

    private static double round(ExecutorService pool, List<Path> files)
            throws InterruptedException, ExecutionException {
        List<Callable<byte[]>> tasks = new ArrayList<>();
        files.forEach(file -> tasks.add(() -> resized(file)));
        long begun = System.nanoTime();
        for (Future<byte[]> done : pool.invokeAll(tasks)) {
            done.get();
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    private static byte[] resized(Path file) {
        return BilinearResize.resize(JpegFile.decode(file), SIDE, SIDE).pixels();
    }

    private static int difference(byte[] our, byte[] their) {
        int largest = 0;
        for (int i = 0; i < our.length; i++) {
            largest = Math.max(largest, Math.abs((our[i] & 0xFF) - (their[i] & 0xFF)));
        }
        return largest;
    }

    /** Soft shapes with the grain of a detector, which makes a file as large as a real one. */
    private static List<Path> draw(Path folder, int images) throws IOException {
        List<Path> files = new ArrayList<>();
        byte[] pixels = new byte[WIDTH * HEIGHT];
        for (int image = 0; image < images; image++) {
            RandomStream random = Seeds.stream("benchmark", "ingest", image);
            GrayImage coarse = noise(random, 9, 11, 128, 50);
            byte[] shapes = BilinearResize.resize(coarse, WIDTH, HEIGHT).pixels();
            for (int i = 0; i < pixels.length; i++) {
                double grain = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
                pixels[i] = (byte) Math.max(0, Math.min(255, (shapes[i] & 0xFF) + 3.4 * grain));
            }
            Path file = folder.resolve(image + ".jpg");
            Files.write(file, GrayJpeg.encode(pixels, WIDTH, HEIGHT));
            files.add(file);
        }
        return files;
    }

    private static GrayImage noise(RandomStream random, int width, int height, double mean, double deviation) {
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Math.max(0, Math.min(255, mean + deviation * random.nextGaussian()));
        }
        return new GrayImage(width, height, pixels);
    }

    private static void delete(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                Files.delete(entry);
            }
        }
        Files.delete(folder);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
