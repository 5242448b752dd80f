package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * A training step of PRIOR at the paper's sizes, ours against the same model in PyTorch eager. Both sides are processes of their
 * own that step in turns, so that one waits while the other one works; the greatest memory that a process has held is its own. Arguments:
 * batch size (default 8), threads (default 2), rounds (default 7), a Python with torch 2.7.1 and scipy (default python3), stage (1 or 3,
 * default 3), a microbatch size, and settings of the spec ({@code profile=NAME} among them). With a microbatch size ours in microbatches
 * goes against ours over whole batches instead.
 */
public final class EagerBenchmark {
    private static final int WARM_UP = 2;

    private EagerBenchmark() {}

    /**
     * What a process says of a step.
     *
     * @param processorSeconds what its threads took together, which says more than {@code seconds} on a busy machine
     * @param loss the weighted sum
     * @param peakKilobytes what the process has held at most until now
     */
    private record Step(double seconds, double processorSeconds, double loss, long peakKilobytes) {
        static Step of(RoundProcess side) throws IOException {
            String[] parts = side.round().split(" ", 4);
            return new Step(
                    Double.parseDouble(parts[0]),
                    Double.parseDouble(parts[1]),
                    Double.parseDouble(parts[2]),
                    Long.parseLong(parts[3]));
        }
    }

    public static void main(String[] args) throws IOException {
        String batch = args.length > 0 ? args[0] : "8";
        String threads = args.length > 1 ? args[1] : "2";
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
        String python = args.length > 3 ? args[3] : "python3";
        String stage = args.length > 4 ? args[4] : "3";
        String micro = args.length > 5 ? args[5] : batch;
        List<String> settings = args.length > 6 ? List.of(args).subList(6, args.length) : List.of();
        Path folder = Files.createTempDirectory("perdura-benchmark");
        try (RoundProcess ours = new RoundProcess(java(stage, batch, threads, micro, settings));
                RoundProcess theirs = micro.equals(batch)
                        ? RoundProcess.startScript(python, folder, "torch_prior.py", List.of(stage, batch, threads))
                        : new RoundProcess(java(stage, batch, threads, batch, settings))) {
            if (theirs != null) {
                System.out.printf(
                        "stage %s, batch %s, %s threads, median of %d rounds in turns%n",
                        stage, batch, threads, rounds);
                compare(ours, theirs, Integer.parseInt(batch), rounds);
            }
        } finally {
            DrawnRadiographs.delete(folder);
        }
    }

    private static List<String> java(String stage, String batch, String threads, String micro, List<String> settings) {
        List<String> command = new ArrayList<>(List.of(
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
                micro));
        command.addAll(settings);
        return command;
    }

    private static void compare(RoundProcess ours, RoundProcess theirs, int batch, int rounds) throws IOException {
        long ourIdle = Long.parseLong(ours.line());
        long theirIdle = Long.parseLong(theirs.line());
        List<Step> our = new ArrayList<>();
        List<Step> their = new ArrayList<>();
        for (int round = -WARM_UP; round < rounds; round++) {
            boolean isOursFirst = round % 2 == 0;
            Step first = Step.of(isOursFirst ? ours : theirs);
            Step second = Step.of(isOursFirst ? theirs : ours);
            System.err.printf("round %d, %s first: %s, %s%n", round, isOursFirst ? "ours" : "theirs", first, second);
            if (round >= 0) {
                our.add(isOursFirst ? first : second);
                their.add(isOursFirst ? second : first);
            }
        }
        report(ours.name(), our, batch, ourIdle);
        report(theirs.name(), their, batch, theirIdle);
        System.out.printf("images per second, first over second      %8.3f%n", ratio(our, their, Step::seconds));
        System.out.printf(
                "the same, by processor time               %8.3f%n", ratio(our, their, Step::processorSeconds));
        double ourPeak = our.get(rounds - 1).peakKilobytes();
        double theirPeak = their.get(rounds - 1).peakKilobytes();
        System.out.printf("peak memory, first over second            %8.3f%n", ourPeak / theirPeak);
        System.out.printf(
                "the same, above the process without model %8.3f%n", (ourPeak - ourIdle) / (theirPeak - theirIdle));
    }

    private static void report(String name, List<Step> steps, int batch, long idleKilobytes) {
        double seconds = Median.of(steps.stream().map(Step::seconds).toList());
        Step last = steps.get(steps.size() - 1);
        System.out.printf(
                "  %-40s %6.2f s a step, %5.2f images/s, loss %.2f, peak %,d MB (%,d without model)%n",
                name, seconds, batch / seconds, last.loss(), last.peakKilobytes() >> 10, idleKilobytes >> 10);
    }

    /** How many times faster the first are, median over the rounds. */
    private static double ratio(List<Step> first, List<Step> second, ToDoubleFunction<Step> seconds) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            ratios.add(seconds.applyAsDouble(second.get(i)) / seconds.applyAsDouble(first.get(i)));
        }
        return Median.of(ratios);
    }
}
