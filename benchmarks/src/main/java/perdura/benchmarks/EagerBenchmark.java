package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.file.FileTree;

/**
 * A training step of PRIOR at the paper's sizes, ours against the same model in PyTorch eager. Both sides are processes of their
 * own that step in turns, so that one waits while the other one works; the greatest memory that a process has held is its own. Arguments:
 * batch size (default 8), threads (default 2), rounds (default 7), a Python with torch 2.7.1 and scipy (default python3), stage (1 or 3,
 * default 3), a microbatch size, and settings of the spec ({@code profile=NAME} among them). With a microbatch size ours in microbatches
 * goes against ours over whole batches instead.
 */
public final class EagerBenchmark {
    private EagerBenchmark() {}

    public static void main(String[] args) throws IOException {
        String batch = args.length > 0 ? args[0] : "8";
        String threads = args.length > 1 ? args[1] : "2";
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
        String python = args.length > 3 ? args[3] : "python3";
        String stage = args.length > 4 ? args[4] : "3";
        String micro = args.length > 5 ? args[5] : batch;
        List<String> settings = args.length > 6 ? List.of(args).subList(6, args.length) : List.of();
        Path folder = Files.createTempDirectory("perdura-benchmark");
        try (RoundProcess ours = ours(stage, batch, threads, micro, settings);
                RoundProcess theirs = micro.equals(batch)
                        ? RoundProcess.startScript(python, folder, "torch_prior.py", List.of(stage, batch, threads))
                        : ours(stage, batch, threads, batch, settings)) {
            if (theirs != null) {
                System.out.printf(
                        "stage %s, batch %s, %s threads, median of %d rounds in turns%n",
                        stage, batch, threads, rounds);
                EagerTurns.compare(ours, theirs, Integer.parseInt(batch), "images", rounds);
            }
        } finally {
            FileTree.delete(folder);
        }
    }

    private static RoundProcess ours(String stage, String batch, String threads, String micro, List<String> settings)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(stage, batch, threads, micro));
        arguments.addAll(settings);
        return RoundProcess.startClass(EagerStep.class, EagerTurns.JVM, arguments);
    }
}
