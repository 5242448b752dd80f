package perdura.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.PairBatchConfig;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.ValidationBatches;
import perdura.grids.read.SpecReader;
import perdura.grids.spec.Deviations;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.StageSpec;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.LoadedCheckpoint;
import perdura.training.checkpoint.TrainState;
import perdura.training.methods.prior.PriorJob;
import perdura.training.weights.InitialWeights;

/**
 * Whether the profile {@code small} truly learns: trains its stages from random weights on a synthetic set, on one thread unless told
 * otherwise, and prints what came of it after the first and the last: {@code SmallProfileBenchmark SEED FOLDER [THREADS [key=value ...]]}.
 * The folder keeps the data for the next seed and a checkpoint for each stage; {@code from=N} goes on after a checkpoint of that stage.
 * {@code difficulty=D} makes other data (default 0.25): take a folder of its own for them.
 */
public final class SmallProfileBenchmark {
    private final PretrainSpec spec;
    private final SmallProfileData data;
    private final Path folder;
    private final int threads;

    private SmallProfileBenchmark(PretrainSpec spec, SmallProfileData data, Path folder, int threads) {
        this.spec = spec;
        this.data = data;
        this.folder = folder;
        this.threads = threads;
    }

    /** @param args seed, folder, threads, settings of the spec */
    public static void main(String[] args) throws IOException {
        String seed = args[0];
        Path folder = Path.of(args[1]).toAbsolutePath();
        int threads = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        int from = 0;
        double difficulty = 0.25;
        List<String> settings = new ArrayList<>(List.of("seed=" + seed));
        for (int i = 3; i < args.length; i++) {
            if (args[i].startsWith("from=")) {
                from = Integer.parseInt(args[i].substring("from=".length()));
            } else if (args[i].startsWith("difficulty=")) {
                difficulty = Double.parseDouble(args[i].substring("difficulty=".length()));
            } else {
                settings.add(args[i]);
            }
        }
        Files.createDirectories(folder);
        Path file = Files.writeString(folder.resolve("small-" + seed + ".yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: small
                method: prior
                profile: small
                data: {dataset: small}
                """);
        PretrainSpec spec = SpecReader.readPretrain(file, settings);
        SmallProfileData data = SmallProfileData.make(folder, spec, difficulty);
        say("seed %s, %d threads; deviations: %s", seed, threads, Deviations.of(spec));
        new SmallProfileBenchmark(spec, data, folder, threads).run(from);
    }

    private void run(int from) throws IOException {
        int[] rows = SplitRows.of(data.train(), spec.data().split());
        say("%d training studies, %d judged images, %d judged reports", rows.length, data.images(), data.reports());
        try (PairBatches batches = new PairBatches(data.train(), rows, PairBatchConfig.of(spec, 1));
                PriorJob job = PriorJob.open(
                        spec,
                        batches,
                        ValidationBatches.of(
                                data.train(),
                                spec.data().split(),
                                spec.validation().pairs(),
                                PairBatchConfig.of(spec, 1)),
                        InitialWeights.NONE,
                        data.train().vocabulary().size(),
                        threads)) {
            long step = 0;
            Duration all = Duration.ZERO;
            for (StageSpec stage : spec.stages()) {
                long end = step + stage.epochs() * batches.batchesPerEpoch();
                if (stage.stage() == from) {
                    job.loadState(new TrainState(read(from).state().weights(), List.of()));
                    judge(job, stage);
                } else if (stage.stage() > from) {
                    Duration took = train(job, step, end, batches.batchesPerEpoch());
                    all = all.plus(took);
                    say(
                            "stage %d: %d epochs, %d s (validation apart)",
                            stage.stage(), stage.epochs(), took.toSeconds());
                    keep(job, stage.stage(), end);
                    judge(job, stage);
                }
                step = end;
            }
            say("all stages: %d s", all.toSeconds());
        }
    }

    private Duration train(PriorJob job, long from, long until, long stepsPerEpoch) {
        long nanos = 0;
        for (long step = from; step < until; step++) {
            long begun = System.nanoTime();
            Map<String, Double> metrics = job.step(step);
            nanos += System.nanoTime() - begun;
            Map<String, Double> found = new TreeMap<>(job.inspect(step).metrics());
            if ((step + 1) % stepsPerEpoch == 0) {
                StringBuilder line = new StringBuilder("epoch " + (step + 1) / stepsPerEpoch);
                for (String key : List.of("epoch/loss_global", "train/scale_global", "train/tau")) {
                    append(line, key, metrics.get(key));
                }
                found.forEach((key, value) -> append(line, key.substring("validation/".length()), value));
                say("%s", line);
            }
        }
        return Duration.ofNanos(nanos);
    }

    private static void append(StringBuilder line, String key, @Nullable Double value) {
        if (value != null) {
            line.append(String.format(Locale.ROOT, " %s %.3f", key, value));
        }
    }

    /** Names the checkpoint that ends a stage: its folder and its digest. */
    private Path note(int stage) {
        return folder.resolve("seed-" + spec.seed() + "-stage-" + stage + ".txt");
    }

    private LoadedCheckpoint read(int stage) throws IOException {
        List<String> note = Files.readAllLines(note(stage));
        return CheckpointReader.read(Path.of(note.get(0)), note.get(1));
    }

    private void keep(PriorJob job, int stage, long step) throws IOException {
        Checkpoint made = new CheckpointWriter(
                        folder.resolve("artifacts"),
                        new RunId("small-" + spec.seed()),
                        System.currentTimeMillis(),
                        "0",
                        DurableEffects.counting())
                .write(job.positionAfter(step), job.copyState(), null);
        Files.write(note(stage), List.of(made.folder().toString(), made.manifestDigest()));
    }

    private void judge(PriorJob job, StageSpec stage) {
        try (SmallProfileScores scores =
                new SmallProfileScores(spec, data, stage, job.copyState().weights(), threads)) {
            scores.lines().forEach(line -> say("stage %d: %s", stage.stage(), line));
        }
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
        System.out.flush();
    }
}
