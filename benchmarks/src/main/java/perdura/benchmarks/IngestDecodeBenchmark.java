package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import perdura.datasets.file.FileTree;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.JpegFile;

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
        List<Path> files = new ArrayList<>();
        for (int image = 0; image < images; image++) {
            files.add(folder.resolve(image + ".jpg"));
            DrawnRadiographs.draw(files.get(image), image, WIDTH, HEIGHT);
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (RoundProcess pillow = startPillow(python, folder, threads, files)) {
            measure(pool, files, pillow, rounds, threads);
        } finally {
            pool.shutdown();
            FileTree.delete(folder);
        }
    }

    private static @Nullable RoundProcess startPillow(String python, Path folder, int threads, List<Path> files) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(threads), Integer.toString(SIDE)));
        files.forEach(file -> arguments.add(file.toString()));
        return RoundProcess.startScript(python, folder, "pillow_ingest.py", arguments);
    }

    private static void measure(
            ExecutorService pool, List<Path> files, @Nullable RoundProcess pillow, int rounds, int threads)
            throws IOException, InterruptedException, ExecutionException {
        byte[] theirFirst = pillow == null ? new byte[0] : HexFormat.of().parseHex(pillow.line());
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = -WARM_UP; round < rounds; round++) {
            boolean oursFirst = round % 2 == 0;
            double before = oursFirst ? 0 : seconds(pillow);
            double our = round(pool, files);
            double their = oursFirst ? seconds(pillow) : before;
            if (round >= 0) {
                ours.add(files.size() / our);
                theirs.add(files.size() / their);
                ratios.add(their / our);
            }
        }
        System.out.printf(
                "grey JPEG of %d x %d, %.2f MB each, to %d x %d, median of %d rounds of %d%n",
                WIDTH, HEIGHT, Files.size(files.get(0)) / 1e6, SIDE, SIDE, rounds, files.size());
        System.out.printf("  ours, %d threads               %7.1f images/s%n", threads, Median.of(ours));
        if (pillow != null) {
            System.out.printf(
                    "  Pillow %s, %d processes    %7.1f images/s%n", pillow.name(), threads, Median.of(theirs));
            System.out.printf("  ratio, median over rounds     %7.2f (goal: at least 1)%n", Median.of(ratios));
            System.out.printf("  largest difference of a pixel %7d%n", difference(resized(files.get(0)), theirFirst));
        }
    }

    private static double seconds(@Nullable RoundProcess pillow) throws IOException {
        return pillow == null ? Double.NaN : pillow.seconds();
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

    private static byte[] resized(Path file) throws IOException {
        return BilinearResize.resize(JpegFile.decode(Files.readAllBytes(file)), SIDE, SIDE)
                .pixels();
    }

    private static int difference(byte[] our, byte[] their) {
        int largest = 0;
        for (int i = 0; i < our.length; i++) {
            largest = Math.max(largest, Math.abs((our[i] & 0xFF) - (their[i] & 0xFF)));
        }
        return largest;
    }
}
