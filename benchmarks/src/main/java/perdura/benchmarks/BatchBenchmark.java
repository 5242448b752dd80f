package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.data.DataLoader;
import perdura.datasets.data.DataLoaders;
import perdura.datasets.data.DataSet;
import perdura.datasets.file.FileTree;

/**
 * PRIOR's training batches: ours from an ingested data set, images and texts; PyTorch's {@code DataLoader} with torchvision from
 * the same JPEG files, images only. Both in turns with the same number of workers, once for files of 2544 x 3056 as their owner
 * ships them, once for files that somebody shrank to 256 x 256 beforehand. Arguments: threads (default 2), rounds (default 5),
 * a Python with torchvision (default python3).
 */
public final class BatchBenchmark {
    private static final int STUDIES = 64;
    private static final int BATCH = 32;
    private static final int SIDE = 224;
    private static final int EPOCHS = 20;
    private static final int WARM_UP = 2;

    private BatchBenchmark() {}

    public static void main(String[] args) throws IOException {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : 2;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        String python = args.length > 2 ? args[2] : "python3";
        System.out.printf("batches of %d, %d x %d, median of %d rounds%n", BATCH, SIDE, SIDE, rounds);
        compare(threads, rounds, python, 2544, 3056);
        compare(threads, rounds, python, 256, 256);
    }

    private static void compare(int threads, int rounds, String python, int width, int height) throws IOException {
        Path folder = Files.createTempDirectory("perdura-benchmark");
        List<Path> files = DrawnRadiographs.write(folder.resolve("mimic"), STUDIES, width, height);
        Path list = Files.writeString(
                folder.resolve("files.txt"),
                String.join("\n", files.stream().map(Path::toString).toList()));
        DataSet data = DrawnRadiographs.ingest(folder, SIDE);
        List<String> arguments =
                List.of(Integer.toString(threads), Integer.toString(BATCH), Integer.toString(SIDE), list.toString());
        try (RoundProcess torch = RoundProcess.startScript(python, folder, "torch_batches.py", arguments);
                DataLoader<?> stream = DataLoaders.of(data, 1, BATCH, threads)) {
            List<Double> ours = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            for (int round = -WARM_UP; round < rounds; round++) {
                double our = STUDIES * EPOCHS / epochs(stream, (round + WARM_UP) * EPOCHS);
                double their = torch == null ? Double.NaN : STUDIES / torch.seconds();
                if (round >= 0) {
                    ours.add(our);
                    theirs.add(their);
                }
            }
            System.out.printf("from JPEG of %d x %d:%n", width, height);
            System.out.printf("  ours, %d threads  %10.0f samples/s%n", threads, Median.of(ours));
            if (torch != null) {
                System.out.printf(
                        "  DataLoader, %d workers %5.0f samples/s (%s)%n", threads, Median.of(theirs), torch.name());
                System.out.printf(
                        "  ratio             %10.1f (goal: at least 10)%n", Median.of(ours) / Median.of(theirs));
            }
        } finally {
            FileTree.delete(folder);
        }
    }

    private static double epochs(DataLoader<?> stream, int from) {
        long begun = System.nanoTime();
        for (int epoch = from; epoch < from + EPOCHS; epoch++) {
            for (long index = 0; index < stream.batchesPerEpoch(); index++) {
                stream.batch(epoch, index);
            }
        }
        return (System.nanoTime() - begun) / 1e9;
    }
}
