package perdura.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.data.Normalization;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.TrialSpec;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.StateDigest;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Figure;
import perdura.training.method.Method;
import perdura.training.method.Method.JobInput;
import perdura.training.method.Methods;
import perdura.training.method.PairModel;
import perdura.training.method.PairModel.PairScores;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.PretrainedModel;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.classify.LinearProbeTask;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;
import perdura.training.weights.InitialWeights;

/** The toy method, found on the class path as any method is. */
class TestToyMethod {
    @TempDir
    private static Path shared;

    private static DataSet data;

    @BeforeAll
    static void ingest() {
        MimicCxrSynth.write(shared.resolve("data"), SynthConfig.of(60, 3), done -> {});
        Path artifacts = shared.resolve("artifacts");
        try (Ingest ingest = Ingest.open(
                MimicCxrSynth.ingest(shared.resolve("data"), 64, 1), artifacts, DurableEffects.counting())) {
            data = DataSet.open(
                    DataSet.folder(artifacts, ingest.makeAll(2, () -> {}).digest()));
        }
    }

    private static PretrainSpec spec(String... settings) {
        PretrainStart start =
                new PretrainStart("toy-1", "tests", "toy", "tiny", data.header().digest(), new ResourceSpec("cpu", 1));
        return Methods.load().specs().ofProfile(start, List.of(settings));
    }

    private static TrainingJob open(PretrainSpec spec, EpochPreparation.Results prepared) {
        return method(spec).open(spec, new JobInput(data, InitialWeights.NONE, 1, 1, prepared, () -> {}));
    }

    private static TrainingJob open(PretrainSpec spec) {
        return open(spec, step -> {
            throw new IllegalStateException("nothing is prepared");
        });
    }

    private static Method method(PretrainSpec spec) {
        return Methods.load().of(spec);
    }

    @Test
    void itsSpecIsReadWithItsDefaultsAndRefusedWithItsRanges() {
        ToySpec own = ToySpec.of(spec("stages.0.epochs=3", "dim=24"));
        assertThat(own.dim()).isEqualTo(24);
        assertThat(own.stages()).extracting(ToySpec.Phase::epochs).containsExactly(3, 1);
        assertThatThrownBy(() -> spec("dim=0")).isInstanceOfSatisfying(PerduraException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
            assertThat(e.getMessage()).contains("dim", "0");
        });
    }

    @Test
    void aJobStoppedAtAnyStepEndsWithTheSameBits() {
        PretrainSpec spec = spec("stages.0.epochs=1");
        List<Checkpoint> checkpoints = new ArrayList<>();
        List<Map<String, Double>> metrics = new ArrayList<>();
        CheckpointWriter writer = writer("stopped");
        try (TrainingJob job = open(spec)) {
            for (long step = 0; step < job.totalSteps(); step++) {
                checkpoints.add(writer.write(job.positionAfter(step), job.copyState(), null));
                metrics.add(job.step(step));
            }
            checkpoints.add(writer.write(job.positionAfter(job.totalSteps()), job.copyState(), null));
        }
        int steps = metrics.size();
        for (int stopped = 0; stopped < steps; stopped += 3) {
            try (TrainingJob job = open(spec)) {
                LoadedCheckpoint loaded = read(checkpoints.get(stopped));
                job.loadState(loaded.position(), loaded.state());
                for (int step = stopped; step < steps; step++) {
                    assertThat(job.step(step)).isEqualTo(metrics.get(step));
                }
                assertThat(StateDigest.of(job.positionAfter(steps), job.copyState()))
                        .as("stopped at %d", stopped)
                        .isEqualTo(checkpoints.get(steps).stateDigest());
            }
        }
    }

    private static LoadedCheckpoint read(Checkpoint checkpoint) {
        return CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest());
    }

    private static CheckpointWriter writer(String run) {
        return new CheckpointWriter(
                shared.resolve("artifacts"), new RunId(run), 1, "0".repeat(64), DurableEffects.counting());
    }

    @Test
    void anEpochLearnsWithWhatWasPreparedForIt(@TempDir Path folder) throws IOException {
        PretrainSpec spec = spec("centred=true");
        EpochPreparation preparation = method(spec).preparation(spec, 1).orElseThrow();
        assertThat(method(spec).preparation(spec("centred=false"), 1)).isEmpty();
        Path combined = Files.createDirectory(folder.resolve("combined"));
        try (TrainingJob job = open(spec, step -> combined)) {
            List<Path> shards = new ArrayList<>();
            String before = StateDigest.of(job.positionAfter(0), job.copyState());
            for (int shard = 0; shard < preparation.shards(0); shard++) {
                shards.add(Files.createDirectory(folder.resolve("shard-" + shard)));
                preparation.computeShard(job, 0, shard, shards.get(shard), () -> {});
            }
            preparation.combine(
                    new EpochPreparation.Combination(0, shards, step -> combined, 1, folder, () -> {}), combined);
            assertThat(StateDigest.of(job.positionAfter(0), job.copyState())).isEqualTo(before);
            job.epochBegins(job.positionAfter(0));
            double centred = loss(job);
            try (TrainingJob plain = open(spec("centred=false"))) {
                assertThat(loss(plain)).isNotEqualTo(centred);
            }
        }
    }

    private static double loss(TrainingJob job) {
        return new LinkedHashMap<>(job.step(0)).getOrDefault("train/loss", Double.NaN);
    }

    @Test
    void itsModelScoresPairsAndIsDrawn(@TempDir Path folder) {
        PretrainSpec spec = spec();
        CheckpointWeights weights;
        try (TrainingJob job = open(spec)) {
            Checkpoint written = writer("scored").write(job.positionAfter(0), job.copyState(), null);
            weights = new CheckpointWeights(written.folder(), written.manifestDigest());
        }
        int[] rows = IntStream.range(0, 4).toArray();
        try (Torch torch = Torch.start("cpu", 1);
                StepScope scope = torch.newStep();
                PairModel model = method(spec)
                        .pairModels()
                        .orElseThrow()
                        .open(torch, spec, 1, data.vocabulary().size(), weights);
                ImageBatches images = new ImageBatches(
                        data,
                        rows,
                        new ImageBatchConfig(0, 4, ImageBatchConfig.View.EVALUATE, Normalization.GREY, 1))) {
            PairModel.Texts reports = model.reports(scope, data, rows, () -> {});
            PairScores scores = model.score(scope, images.batch(0, 0), reports, () -> {});
            assertThat(reports.size()).isEqualTo(4);
            assertThat(scores.size()).isEqualTo(4);
            for (double cosine : scores.cosines(3)) {
                assertThat(cosine).isBetween(-1.0, 1.0);
            }
            Figure figure = method(spec).figures().get(0);
            Figure.Trained newest = new Figure.Trained(1, false, weights);
            assertThat(figure.draw(new Figure.Source(spec, torch, data, 1, List.of(newest)), folder))
                    .singleElement()
                    .satisfies(file -> assertThat(file).isNotEmptyFile());
        }
    }

    @Test
    void aDownstreamTaskLearnsOnItsEncoder(@TempDir Path folder) {
        PretrainSpec spec = spec();
        Checkpoint checkpoint;
        try (TrainingJob job = open(spec)) {
            job.step(0);
            checkpoint = writer("probed").write(job.positionAfter(1), job.copyState(), null);
        }
        Task task = new LinearProbeTask();
        TreeMap<String, Object> parameters =
                new TreeMap<>(task.schema().defaults().values());
        parameters.put("dataset", "rsna");
        parameters.put("encoder", "toy-1@1");
        parameters.put("view", "centre");
        parameters.put("epochs", 1L);
        PretrainedEncoder encoder = new PretrainedEncoder(
                "stage 1 of run toy-1",
                method(spec).imageEncoder(spec),
                method(spec).normalization(),
                new PretrainedModel(spec, 1, null));
        TaskInput input = new TaskInput(
                new TrialSpec(task.schema().name(), task.schema().version(), new Parameters(parameters), 1),
                new TreeMap<>(Map.of("dataset", rsna(folder))),
                new TreeMap<>(Map.of("encoder", encoder)));
        task.check(input);
        EncoderWeights weights = new EncoderWeights.OfCheckpoint(checkpoint.folder(), checkpoint.manifestDigest());
        TaskContext context = new TaskContext(
                folder,
                folder.resolve("run"),
                new ResourceSpec("cpu", 1),
                1,
                DurableEffects.counting(),
                () -> {},
                (path, file) -> {});
        Map<String, Double> last = Map.of();
        try (TrainingJob job = task.open(input, new TreeMap<>(Map.of("encoder", weights)), context)) {
            for (long step = 0; step < job.totalSteps(); step++) {
                last = job.step(step);
            }
        }
        assertThat(last.getOrDefault("test/auroc", Double.NaN)).isBetween(0.0, 1.0);
    }

    private static DataSet rsna(Path folder) {
        SynthConfig.Amount amount = new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 60);
        SyntheticSet.write(
                folder.resolve("rsna"), SynthConfig.standard(SynthConfig.Format.RSNA, amount, 11), 1, done -> {});
        IngestSpec spec = new IngestSpec(
                SourceSet.RSNA,
                folder.resolve("rsna"),
                IngestSpec.Profile.STANDARD,
                64,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                IngestSpec.Sampling.STANDARD,
                false,
                false);
        try (Ingest ingest = Ingest.open(spec, folder, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(folder, ingest.makeAll(1, () -> {}).digest()));
        }
    }

    @Test
    void itsWeightsAndTheirSizesAreTold() {
        PretrainSpec spec = spec();
        try (TrainingJob job = open(spec)) {
            Map<String, List<Long>> written = new LinkedHashMap<>();
            job.copyState().weights().forEach(tensor -> written.put(tensor.name(), tensor.shape()));
            assertThat(method(spec).layout(spec, data.vocabulary().size()).shapes())
                    .isEqualTo(written);
        }
        assertThat(method(spec).imageEncoder(spec).features()).isEqualTo(128);
        assertThat(method(spec).bert(spec)).isNull();
    }
}
