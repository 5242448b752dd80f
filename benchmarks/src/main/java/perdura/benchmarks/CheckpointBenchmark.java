package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointCleaner;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.loop.CommittedState;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainLoop;
import perdura.training.loop.TrainLoop.LoopClock;
import perdura.training.loop.TrainLoop.LoopResult;
import perdura.training.loop.TrainLoop.TrainCommit;
import perdura.training.loop.TrainingJob;

/**
 * Checkpoints: MB/s with fsync, the stall of a loop that commits once a minute, and the cost of metric logging in the
 * loop. Arguments: size of the state in MB (default 1024), folder to write to (default: a temporary one).
 */
public final class CheckpointBenchmark {
    private static final double COMMITS_EVERY_NANOS = 60e9;
    private static final RunId RUN = new RunId("benchmark");
    private static final int ROUNDS = 5;

    private final long stateBytes;
    private final Path root;
    private final DurableEffects effects = DurableEffects.counting();

    private CheckpointBenchmark(long stateBytes, Path root) {
        this.stateBytes = stateBytes;
        this.root = root;
    }

    public static void main(String[] args) throws IOException {
        long megabytes = args.length > 0 ? Long.parseLong(args[0]) : 1024;
        Path root = args.length > 1 ? Path.of(args[1]) : Files.createTempDirectory("perdura-benchmark");
        CheckpointBenchmark benchmark = new CheckpointBenchmark(megabytes << 20, root);
        benchmark.measureWriting();
        benchmark.measureStall();
        benchmark.measureLogging();
    }

    private void measureWriting() {
        List<Double> writes = new ArrayList<>();
        List<Double> reads = new ArrayList<>();
        try (BusyJob job = new BusyJob(stateBytes, 0)) {
            for (int i = 0; i < ROUNDS; i++) {
                long begun = System.nanoTime();
                Checkpoint written = writer().write(new Position(1, 0, i), job.state(), null);
                long ended = System.nanoTime();
                writes.add(written.sizeBytes() / 1e6 / ((ended - begun) / 1e9));
                CheckpointReader.read(written.folder(), written.manifestDigest());
                reads.add(written.sizeBytes() / 1e6 / ((System.nanoTime() - ended) / 1e9));
                cleaner().remove(written.folder());
            }
        }
        System.out.printf("checkpoint of %d MB, median of %d%n", stateBytes >> 20, ROUNDS);
        System.out.printf("  write with digests and fsync  %8.0f MB/s%n", Median.of(writes));
        System.out.printf("  verify and read               %8.0f MB/s%n", Median.of(reads));
    }

    /**
     * Commits by steps, ten seconds apart, and charges each commit to a minute of training. What steps beside the writer
     * lose is taken against the median of the steps after it.
     */
    private void measureStall() {
        List<long[]> commits = new ArrayList<>();
        try (BusyJob job = new BusyJob(stateBytes, 20_000_000)) {
            long every = stepsIn(job, Duration.ofSeconds(10));
            int warmUp = job.stepNanos().size();
            LoopResult result = run(
                    job,
                    (ROUNDS + 1) * every,
                    every,
                    commit -> commits.add(new long[] {
                        commit.checkpoint().position().step(), job.stepNanos().size()
                    }));
            List<Long> steps = job.stepNanos().subList(warmUp, job.stepNanos().size());
            report(steps, commits, warmUp, result);
        }
    }

    private void report(List<Long> steps, List<long[]> commits, int warmUp, LoopResult result) {
        List<Double> quiet = new ArrayList<>();
        List<Double> lost = new ArrayList<>();
        for (int i = 0; i < commits.size() - 1; i++) {
            int begun = (int) commits.get(i)[0];
            int ended = (int) commits.get(i)[1] - warmUp + 1;
            int next = (int) commits.get(i + 1)[0];
            double usual = Median.of(toDoubles(steps.subList(ended, next)));
            quiet.add(usual);
            lost.add(toDoubles(steps.subList(begun, ended)).stream()
                    .mapToDouble(nanos -> nanos - usual)
                    .sum());
        }
        double copying = result.copying().toNanos() / (double) result.commits();
        double percent = 100 * (copying + Median.of(lost)) / COMMITS_EVERY_NANOS;
        System.out.printf(
                "commit of %d MB beside steps of %.0f ms on every core%n", stateBytes >> 20, Median.of(quiet) / 1e6);
        System.out.printf("  loop waits for the copy       %8.0f ms%n", copying / 1e6);
        System.out.printf("  steps beside the writer lose  %8.0f ms%n", Median.of(lost) / 1e6);
        System.out.printf("  stall at one commit per 60 s  %8.2f %% (target: at most 3)%n", percent);
    }

    private static List<Double> toDoubles(List<Long> values) {
        return values.stream().map(Long::doubleValue).toList();
    }

    private static long stepsIn(BusyJob job, Duration time) {
        long begun = System.nanoTime();
        long steps = 0;
        while (System.nanoTime() - begun < time.toNanos()) {
            job.step(steps++);
        }
        return steps;
    }

    /** The loop around steps that do nothing but return ten metrics. */
    private void measureLogging() {
        long steps = 400_000;
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (int i = 0; i < 10; i++) {
            metrics.put("train/metric" + i, i * 0.5);
        }
        List<Double> micros = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            EmptyJob job = new EmptyJob(metrics);
            LoopResult result = run(job, steps, steps / 4, commit -> {});
            long around = job.wallNanos()
                    - result.waiting().toNanos()
                    - result.copying().toNanos();
            micros.add(around / 1e3 / steps);
        }
        double cost = Median.of(micros);
        System.out.printf("metric logging, 10 metrics a step%n");
        System.out.printf("  loop beside the step          %8.2f us a step%n", cost);
        System.out.printf("  of a step of 50 ms            %8.4f %% (target: under 1)%n", 100 * cost / 50_000);
    }

    /** Runs a job from its begin, and removes each checkpoint once it is committed. */
    private LoopResult run(TrainingJob job, long steps, long every, Consumer<TrainCommit> committed) {
        return new TrainLoop(
                        job,
                        new CommitSpec(Duration.ofDays(1), every, 2),
                        writer(),
                        commit -> {
                            committed.accept(commit);
                            cleaner().remove(commit.checkpoint().folder());
                        },
                        (done, metrics, rate) -> {},
                        new StopRequest(),
                        LoopClock.system())
                .run(CommittedState.NONE, steps);
    }

    private CheckpointWriter writer() {
        return new CheckpointWriter(root, RUN, 1, "benchmark", effects);
    }

    private CheckpointCleaner cleaner() {
        return new CheckpointCleaner(root, RUN, effects);
    }

    /** A job whose steps return the same metrics and do nothing, to time the loop around them. */
    private static final class EmptyJob extends BusyJob {
        private final Map<String, Double> metrics;
        private long firstNanos;
        private long lastNanos;

        EmptyJob(Map<String, Double> metrics) {
            super(0, 0);
            this.metrics = metrics;
        }

        /** From the first step to the last. */
        long wallNanos() {
            return lastNanos - firstNanos;
        }

        @Override
        public Map<String, Double> step(long step) {
            lastNanos = System.nanoTime();
            if (step == 0) {
                firstNanos = lastNanos;
            }
            return metrics;
        }
    }
}
