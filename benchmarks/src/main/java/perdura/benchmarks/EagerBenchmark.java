package perdura.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import perdura.benchmarks.SteppingProcess.Step;

/**
 * A training step of PRIOR at the paper's sizes, ours against the same model in PyTorch eager. Both sides are processes of their
 * own that step in turns, so that one waits while the other one works; the greatest memory that a process has held is its own. Arguments:
 * batch size (default 8), threads (default 2), rounds (default 7), a Python with torch 2.7.1 and scipy (default python3), stage (1 or 3,
 * default 3). With a chunk after that ours in chunks goes against ours over whole batches instead.
 */
public final class EagerBenchmark {
    private static final String SCRIPT = "torch_prior.py";
    private static final int WARM_UP = 2;

    private EagerBenchmark() {}

    public static void main(String[] args) throws IOException {
        String batch = args.length > 0 ? args[0] : "8";
        String threads = args.length > 1 ? args[1] : "2";
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
        String python = args.length > 3 ? args[3] : "python3";
        String stage = args.length > 4 ? args[4] : "3";
        String chunk = args.length > 5 ? args[5] : batch;
        Path folder = Files.createTempDirectory("perdura-eager");
        Path script = folder.resolve(SCRIPT);
        try (InputStream text = Objects.requireNonNull(EagerBenchmark.class.getResourceAsStream(SCRIPT))) {
            Files.write(script, text.readAllBytes());
        }
        List<String> other = chunk.equals(batch)
                ? List.of(python, script.toString(), stage, batch, threads)
                : java(stage, batch, threads, batch);
        try (SteppingProcess ours = new SteppingProcess(java(stage, batch, threads, chunk));
                SteppingProcess theirs = new SteppingProcess(other)) {
            System.out.printf(
                    "stage %s, batch %s, %s threads, median of %d rounds in turns%n", stage, batch, threads, rounds);
            compare(ours, theirs, Integer.parseInt(batch), rounds);
        } finally {
            Files.delete(script);
            Files.delete(folder);
        }
    }

    private static List<String> java(String stage, String batch, String threads, String chunk) {
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                Objects.requireNonNull(System.getProperty("java.class.path")),
                EagerStep.class.getName(),
                stage,
                batch,
                threads,
                chunk);
    }

    private static void compare(SteppingProcess ours, SteppingProcess theirs, int batch, int rounds)
            throws IOException {
        List<Step> our = new ArrayList<>();
        List<Step> their = new ArrayList<>();
        for (int round = -WARM_UP; round < rounds; round++) {
            boolean isOursFirst = round % 2 == 0;
            Step first = (isOursFirst ? ours : theirs).step();
            Step second = (isOursFirst ? theirs : ours).step();
            System.err.printf("round %d, %s first: %s, %s%n", round, isOursFirst ? "ours" : "theirs", first, second);
            if (round >= 0) {
                our.add(isOursFirst ? first : second);
                their.add(isOursFirst ? second : first);
            }
        }
        tell(ours, our, batch);
        tell(theirs, their, batch);
        System.out.printf("images per second, first over second      %8.3f%n", ratio(our, their, Step::seconds));
        System.out.printf(
                "the same, by what the processors did      %8.3f%n", ratio(our, their, Step::processorSeconds));
        double ourPeak = our.get(rounds - 1).peakKilobytes();
        double theirPeak = their.get(rounds - 1).peakKilobytes();
        System.out.printf("peak memory, first over second            %8.3f%n", ourPeak / theirPeak);
        System.out.printf(
                "the same, above the process without model %8.3f%n",
                (ourPeak - ours.idleKilobytes()) / (theirPeak - theirs.idleKilobytes()));
    }

    private static void tell(SteppingProcess side, List<Step> steps, int batch) {
        double seconds = median(steps, Step::seconds);
        Step last = steps.get(steps.size() - 1);
        System.out.printf(
                "  %-40s %6.2f s a step, %5.2f images/s, loss %.2f, peak %,d MB (%,d without model)%n",
                side.name(),
                seconds,
                batch / seconds,
                last.loss(),
                last.peakKilobytes() >> 10,
                side.idleKilobytes() >> 10);
    }

    /** How many times faster the first are, median over the rounds. */
    private static double ratio(List<Step> first, List<Step> second, ToDoubleFunction<Step> seconds) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            ratios.add(seconds.applyAsDouble(second.get(i)) / seconds.applyAsDouble(first.get(i)));
        }
        return median(ratios, ratio -> ratio);
    }

    private static <T> double median(List<T> values, ToDoubleFunction<T> number) {
        double[] sorted = values.stream().mapToDouble(number).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
