package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import perdura.datasets.data.DataLoader;
import perdura.datasets.data.DataLoaders;
import perdura.datasets.data.DataSet;

/** The measured process of {@link MemoryBenchmark}. */
final class MemoryProbe {
    private MemoryProbe() {}

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
            DrawnMimic.ingest(folder, 224);
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
