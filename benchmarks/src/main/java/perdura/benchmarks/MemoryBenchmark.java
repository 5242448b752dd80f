package perdura.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import perdura.datasets.data.DataLoader;
import perdura.datasets.data.DataLoaders;
import perdura.datasets.data.DataSet;
import perdura.datasets.file.FileTree;

/**
 * Memory of an ingest and of an epoch of training batches, for 1,000 and for 10,000 studies. Each is a process of its own with a
 * heap of 96 MB. Anonymous memory is what a process can't give back; pages of mapped files are the system's cache and don't
 * count. Arguments: studies of the sets (default 1000 10000).
 */
public final class MemoryBenchmark {
    private static final int SIDE = 256;

    private MemoryBenchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> sizes = args.length > 0 ? List.of(args) : List.of("1000", "10000");
        for (String size : sizes) {
            Path folder = Files.createTempDirectory("perdura-benchmark");
            try {
                DrawnRadiographs.write(folder.resolve("mimic"), Integer.parseInt(size), SIDE, SIDE);
                System.out.printf("%s studies%n", size);
                for (String part : List.of("ingest", "epoch")) {
                    run(part, folder);
                }
            } finally {
                FileTree.delete(folder);
            }
        }
    }

    private static void run(String part, Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx96m",
                        "-cp",
                        Objects.requireNonNull(System.getProperty("java.class.path")),
                        Probe.class.getName(),
                        part,
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String found = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(part + " ended with status " + process.exitValue());
        }
        System.out.printf("  %-7s %s%n", part, found);
    }

    /** The measured process of one part. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) throws IOException {
            Path folder = Path.of(args[1]);
            AtomicLong peak = new AtomicLong();
            new Timer("sampler", true)
                    .schedule(
                            new TimerTask() {
                                @Override
                                public void run() {
                                    peak.accumulateAndGet(anonymousKilobytes(), Math::max);
                                }
                            },
                            0,
                            20);
            long begun = System.nanoTime();
            if (args[0].equals("ingest")) {
                DrawnRadiographs.ingest(folder, 224);
            } else {
                epoch(folder);
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            System.out.printf("peak %d MB anonymous, %.1f s%n", peak.get() >> 10, seconds);
        }

        private static void epoch(Path folder) throws IOException {
            Path datasets = folder.resolve("artifacts/datasets");
            try (Stream<Path> entries = Files.list(datasets)) {
                Path set = entries.filter(path -> Files.exists(path.resolve("dataset.json")))
                        .findFirst()
                        .orElseThrow();
                try (DataLoader<?> stream = DataLoaders.of(DataSet.open(set), 1, 32, 2)) {
                    for (long index = 0; index < stream.batchesPerEpoch(); index++) {
                        stream.batch(0, index);
                    }
                }
            }
        }

        static long anonymousKilobytes() {
            try {
                return kilobytes("RssAnon").orElse(0);
            } catch (IOException e) {
                return 0;
            }
        }

        /** One of the kernel's fields of this process: {@code VmRSS} what it holds now, {@code VmHWM} at most until now. */
        static OptionalLong kilobytes(String field) throws IOException {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        }
    }
}
