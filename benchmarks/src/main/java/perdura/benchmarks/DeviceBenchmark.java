package perdura.benchmarks;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.PairBatchConfig;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.ValidationBatches;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.StateDigest;
import perdura.training.loop.CommittedState;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainLoop;
import perdura.training.loop.TrainLoop.LoopClock;
import perdura.training.loop.TrainLoop.LoopObserver;
import perdura.training.loop.TrainLoop.LoopResult;
import perdura.training.loop.TrainLoop.TrainCommit;
import perdura.training.methods.prior.PriorJob;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.weights.InitialWeights;

/**
 * PRIOR on a device, through the production loop, without services: {@code DeviceBenchmark FOLDER RUN PROFILE DEVICE [studies=N]
 * [threads=N] [until=STEP] [every=STEPS] [key=value ...]}, RUN a name in small letters. Writes each step's figures, to the last bit, into {@code FOLDER/RUN.steps}, and
 * prints the state digest at the end with the images per second. Killed and started again, it goes on at its last checkpoint. Two runs are
 * the same to the bit if their digests are.
 */
public final class DeviceBenchmark {
    private final Path folder;
    private final String run;
    private final PretrainSpec spec;
    private final int threads;
    private final Map<Integer, List<Long>> nanosByStage = new TreeMap<>();
    private long ended = System.nanoTime();

    private DeviceBenchmark(Path folder, String run, PretrainSpec spec, int threads) {
        this.folder = folder;
        this.run = run;
        this.spec = spec;
        this.threads = threads;
    }

    /** @param args folder, run, profile, device, settings */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]).toAbsolutePath());
        List<String> settings = new ArrayList<>();
        int studies = 320;
        int threads = 1;
        long until = Long.MAX_VALUE;
        long every = 20;
        for (String setting : Arrays.asList(args).subList(4, args.length)) {
            String value = setting.substring(setting.indexOf('=') + 1);
            switch (setting.substring(0, setting.indexOf('='))) {
                case "studies" -> studies = Integer.parseInt(value);
                case "threads" -> threads = Integer.parseInt(value);
                case "until" -> until = Long.parseLong(value);
                case "every" -> every = Long.parseLong(value);
                default -> settings.add(setting);
            }
        }
        PretrainSpec spec = EagerStep.prior(args[2], args[3], threads, settings);
        DataSet data = data(folder, studies, spec);
        new DeviceBenchmark(folder, args[1], spec, threads).train(data, until, every);
    }

    private static DataSet data(Path folder, int studies, PretrainSpec spec) throws IOException {
        int side = PriorSpec.of(spec).model().imageSize();
        Path root = folder.resolve("data-" + studies + "-" + side);
        SynthConfig config = new SynthConfig(
                SynthConfig.Format.MIMIC_CXR,
                new SynthConfig.Amount(SynthConfig.Amount.Unit.STUDIES, studies),
                1,
                0.25,
                side,
                SynthConfig.SiimCopy.STAGE_1);
        MimicCxrSynth.write(root, config, done -> {});
        return DrawnRadiographs.ingest(MimicCxrSynth.ingest(root, side, 4), folder.resolve("artifacts"), 1);
    }

    private void train(DataSet data, long until, long every) throws IOException {
        PairBatchConfig config =
                PriorJob.batchConfig(spec, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        int[] rows = SplitRows.of(data, spec.data().split());
        try (PairBatches batches = new PairBatches(data, rows, config);
                PriorJob job = PriorJob.open(
                        spec,
                        batches,
                        ValidationBatches.of(
                                data,
                                spec.data().split(),
                                spec.execution().validation().pairs(),
                                config),
                        InitialWeights.NONE,
                        data.vocabulary().size(),
                        threads);
                BufferedWriter steps = Files.newBufferedWriter(
                        folder.resolve(run + ".steps"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            CommittedState start = takeUp(job);
            say(
                    "%s: %s on %s, batch %d, %d of %d steps done, first digest %s",
                    run,
                    spec.name(),
                    job.device(),
                    spec.batchSize(),
                    start.position().step(),
                    job.totalSteps(),
                    StateDigest.of(start.position(), job.copyState()));
            TrainLoop loop = new TrainLoop(
                    job,
                    new CommitSpec(Duration.ofDays(1), every, 3),
                    new CheckpointWriter(
                            folder.resolve("artifacts"), new RunId(run), 1, "0", DurableEffects.counting()),
                    this::note,
                    observer(job, steps),
                    new StopRequest(),
                    LoopClock.system());
            ended = System.nanoTime();
            LoopResult result = loop.run(start, Math.min(until, job.totalSteps()));
            say(
                    "%s: step %d, digest %s",
                    run,
                    result.last().position().step(),
                    Objects.requireNonNull(result.last().stateDigest()));
            tellPace();
            say("%s: copying %d ms in %d commits", run, result.copying().toMillis(), result.commits());
        }
    }

    private LoopObserver observer(PriorJob job, BufferedWriter steps) {
        return (done, metrics, rate) -> {
            long now = System.nanoTime();
            int stage = job.positionAfter(done - 1).stage();
            nanosByStage.computeIfAbsent(stage, added -> new ArrayList<>()).add(now - ended);
            StringBuilder line = new StringBuilder().append(done);
            metrics.forEach(
                    (key, value) -> line.append(' ').append(key).append('=').append(value));
            try {
                steps.write(line.append('\n').toString());
                steps.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ended = System.nanoTime();
        };
    }

    /** Medians, which leave out the first steps of a stage and those that validate. */
    private void tellPace() {
        nanosByStage.forEach((stage, nanos) -> {
            List<Long> sorted = nanos.stream().sorted().toList();
            double median = sorted.get(sorted.size() / 2) / 1e9;
            say(
                    "%s: stage %d, %d steps, median %.4f s, %.1f images/s",
                    run, stage, sorted.size(), median, spec.batchSize() / median);
        });
    }

    private Path last() {
        return folder.resolve(run + ".last");
    }

    private CommittedState takeUp(PriorJob job) throws IOException {
        if (!Files.exists(last())) {
            return CommittedState.NONE;
        }
        List<String> note = Files.readAllLines(last());
        LoadedCheckpoint loaded = CheckpointReader.read(Path.of(note.get(0)), note.get(1));
        job.loadState(loaded.position(), loaded.state());
        return new CommittedState(loaded.position(), loaded.stateDigest());
    }

    /** What is published is one file with the checkpoint's place. */
    private void note(TrainCommit commit) {
        Checkpoint checkpoint = commit.checkpoint();
        String note = checkpoint.folder() + "\n" + checkpoint.manifestDigest() + "\n";
        try {
            AtomicFile.write(last(), note.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        say("%s: committed step %d %s", run, checkpoint.position().step(), checkpoint.stateDigest());
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
        System.out.flush();
    }
}
