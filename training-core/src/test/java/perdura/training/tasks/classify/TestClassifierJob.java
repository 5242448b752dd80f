package perdura.training.tasks.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.Split;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.CommittedState;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainLoop;
import perdura.training.loop.TrainLoop.LoopClock;
import perdura.training.loop.TrainLoop.TrainCommit;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.fit.FitJob;

class TestClassifierJob {
    private static final ResourceSpec CPU = new ResourceSpec("cpu", 1);
    private static final ImageEncoder ENCODER = new ImageEncoder(List.of(1, 1, 1, 1), 2, 1);
    private static final OptimizerSpec ADAM =
            new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null);

    @TempDir
    private Path folder;

    private interface Opening {
        FitJob<?, ClassificationMetrics> open() throws IOException;
    }

    @Test
    void aProbeOnCentresResumesToTheBitAfterAnyStep() throws IOException {
        assertResumes(() -> probe(LinearProbe.TrainView.CENTRE, 1));
    }

    @Test
    void aProbeOnCropsResumesToTheBitAfterAnyStep() throws IOException {
        assertResumes(() -> probe(LinearProbe.TrainView.CROP, 1));
    }

    @Test
    void fineTuningResumesToTheBitAfterAnyStep() throws IOException {
        assertResumes(() -> tuning(1));
    }

    /** Stops after each step, the ends of epochs among them, and goes on in a new job from the checkpoint on disk. */
    private void assertResumes(Opening opening) throws IOException {
        List<Checkpoint> checkpoints = new ArrayList<>();
        List<Map<String, Double>> metrics = new ArrayList<>();
        CheckpointWriter writer =
                new CheckpointWriter(folder, new RunId("run-1"), 1, "0".repeat(64), DurableEffects.counting());
        try (FitJob<?, ClassificationMetrics> job = opening.open()) {
            assertThat(job.totalSteps()).isEqualTo(9);
            for (long step = 0; step < job.totalSteps(); step++) {
                metrics.add(job.step(step));
                checkpoints.add(writer.write(job.positionAfter(step + 1), job.copyState(), null));
            }
        }
        for (int done = 1; done < metrics.size(); done++) {
            try (FitJob<?, ClassificationMetrics> job = opening.open()) {
                job.step(0); // all of this must be replaced
                load(job, checkpoints.get(done - 1));
                for (int step = done; step < metrics.size(); step++) {
                    assertThat(job.step(step))
                            .as("step %d after a stop at %d", step, done)
                            .isEqualTo(metrics.get(step));
                    assertThat(StateDigest.of(job.positionAfter(step + 1), job.copyState()))
                            .as("state after step %d and a stop at %d", step, done)
                            .isEqualTo(checkpoints.get(step).stateDigest());
                }
            }
        }
        try (FitJob<?, ClassificationMetrics> job = opening.open()) {
            load(job, checkpoints.get(8));
            assertThat(metrics.get(8))
                    .containsAllEntriesOf(job.measureBest(Split.TEST).metrics(Split.TEST));
        }
    }

    @Test
    void aLoopThatIsStoppedAndGoesOnPublishesTheSame() throws IOException {
        List<TrainCommit> whole = new ArrayList<>();
        try (FitJob<?, ClassificationMetrics> job = tuning(1)) {
            loop(job, "run-1", whole, new StopRequest(), 0).run(CommittedState.NONE, job.totalSteps());
        }
        List<TrainCommit> parts = new ArrayList<>();
        CommittedState stopped;
        StopRequest stop = new StopRequest();
        try (FitJob<?, ClassificationMetrics> job = tuning(1)) {
            stopped = loop(job, "run-2", parts, stop, 4)
                    .run(CommittedState.NONE, job.totalSteps())
                    .last();
        }
        assertThat(stopped.position()).isEqualTo(new Position(1, 1, 4));
        Checkpoint last = parts.get(parts.size() - 1).checkpoint();
        try (FitJob<?, ClassificationMetrics> job = tuning(1)) {
            load(job, last);
            CommittedState end = loop(job, "run-2", parts, new StopRequest(), 0)
                    .run(stopped, job.totalSteps())
                    .last();
            assertThat(end.stateDigest())
                    .isEqualTo(whole.get(whole.size() - 1).checkpoint().stateDigest());
        }
        assertThat(points(parts)).isEqualTo(points(whole)).anyMatch(point -> point.startsWith("8 test/auroc "));
    }

    /** @param stopAfter steps after which the loop is asked to stop; 0 for never */
    private TrainLoop loop(
            FitJob<?, ClassificationMetrics> job, String run, List<TrainCommit> to, StopRequest stop, long stopAfter) {
        return new TrainLoop(
                job,
                new CommitSpec(Duration.ofHours(1), 5L, 2),
                new CheckpointWriter(folder, new RunId(run), 1, "0".repeat(64), DurableEffects.counting()),
                to::add,
                (done, metrics, rate) -> {
                    if (done == stopAfter) {
                        stop.ask(StopRequest.Reason.PREEMPTION);
                    }
                },
                stop,
                LoopClock.system());
    }

    private static List<String> points(List<TrainCommit> commits) {
        return commits.stream()
                .flatMap(commit -> commit.points().stream())
                .map(point -> point.step() + " " + point.key() + " " + point.value())
                .toList();
    }

    @Test
    void anEncoderOfThreePlanesIsProbedOnThree() throws IOException {
        ImageEncoder colour = new ImageEncoder(List.of(1, 1, 1, 1), 2, 3);
        LinearProbe probe =
                new LinearProbe(colour, Normalization.RGB, LinearProbe.TrainView.CROP, 1, 1, 10, 0.1, 0, 0.5, ADAM);
        try (FitJob<?, ClassificationMetrics> job = open(probe)) {
            assertThat(loss(job)).isFinite();
        }
        LinearProbe grey =
                new LinearProbe(colour, Normalization.GREY, LinearProbe.TrainView.CROP, 1, 1, 10, 0.1, 0, 0.5, ADAM);
        assertThatThrownBy(() -> open(grey))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll("3 planes", "gives 1");
    }

    @Test
    void theSeedDecides() throws IOException {
        try (FitJob<?, ClassificationMetrics> one = tuning(1);
                FitJob<?, ClassificationMetrics> same = tuning(1);
                FitJob<?, ClassificationMetrics> other = tuning(2)) {
            double loss = loss(one);
            assertThat(loss(same)).isEqualTo(loss);
            assertThat(loss(other)).isNotEqualTo(loss);
        }
    }

    @Test
    void aProbeKeepsTheHeadAloneInItsState() throws IOException {
        try (FitJob<?, ClassificationMetrics> job = probe(LinearProbe.TrainView.CROP, 1)) {
            TrainState state = job.copyState();
            assertThat(state.weights()).extracting(HostTensor::name).containsExactly("head.weight", "head.bias");
            assertThat(state.section("best"))
                    .extracting(HostTensor::name)
                    .containsExactly("best.head.weight", "best.head.bias");
            assertThat(state.section("selection")).extracting(HostTensor::name).containsExactly("selection", "rate");
        }
    }

    @Test
    void positionsNameTheEpochOfTheNextStep() throws IOException {
        try (FitJob<?, ClassificationMetrics> job = probe(LinearProbe.TrainView.CENTRE, 1)) {
            assertThat(job.positionAfter(0)).isEqualTo(Position.START);
            assertThat(job.positionAfter(3)).isEqualTo(new Position(1, 1, 3));
            assertThat(job.positionAfter(9)).isEqualTo(new Position(1, 3, 9));
            assertThatThrownBy(() -> job.step(9)).hasMessageContainingAll("step", "[0, 9)", "was 9");
        }
    }

    @Test
    void noWeightsAreTheBestBeforeAnEpochHasEnded() throws IOException {
        try (FitJob<?, ClassificationMetrics> job = probe(LinearProbe.TrainView.CENTRE, 1)) {
            job.step(0);
            assertThatThrownBy(() -> job.measureBest(Split.TEST))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no epoch has ended yet");
        }
    }

    @Test
    void whatTheTestPartCannotTellIsLeftOutAndCounted() throws IOException {
        TaskData oneSample = TestingImages.task(data().data(), 24, 40, 41);
        try (FitJob<?, ClassificationMetrics> job =
                tuning(1, 0.01).open(oneSample, new EncoderWeights.Random(), CPU, () -> {})) {
            Map<String, Double> last = Map.of();
            for (long step = 0; step < job.totalSteps(); step++) {
                last = job.step(step);
            }
            assertThat(last).containsKeys("test/loss", "best/validation/auroc").doesNotContainKey("test/auroc");
            assertThat(last.get("test/undefined")).isGreaterThanOrEqualTo(2);
            assertThat(job.measureBest(Split.TEST).undefined().get(0))
                    .startsWith("label 'A': AUROC needs both classes, there are ");
        }
    }

    @Test
    void aValidationPartThatCannotChooseIsRefused() throws IOException {
        TaskData data = TestingImages.task(data().data(), 24, 25, 41);
        assertThatThrownBy(() -> tuning(1, 0.01).open(data, new EncoderWeights.Random(), CPU, () -> {}))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageContainingAll("'test'", "1 validation", "AUROC");
    }

    @Test
    void aTrainingThatDivergesIsNamed() throws IOException {
        TaskData data = data();
        try (FitJob<?, ClassificationMetrics> job =
                tuning(1, 1e38).open(data, new EncoderWeights.Random(), CPU, () -> {})) {
            assertThatThrownBy(() -> {
                        for (long step = 0; step < job.totalSteps(); step++) {
                            job.step(step);
                        }
                    })
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRAINING_DIVERGED))
                    .hasMessageMatching("step [12]: .*; a lower learningRate may help");
        }
    }

    @Test
    void aStateOfAnotherJobIsRefused() throws IOException {
        try (FitJob<?, ClassificationMetrics> job = probe(LinearProbe.TrainView.CENTRE, 1)) {
            TrainState state = job.copyState();
            TrainState without = TrainState.ofWeights(state.weights())
                    .with(TrainState.OPTIMIZER, state.optimizer())
                    .with("best", state.section("best"))
                    .with("selection", state.section("selection").subList(0, 1));
            assertThatThrownBy(() -> job.loadState(Position.START, without))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                    .hasMessageContainingAll("rate", "F64[3]", "missing");
        }
    }

    private static void load(FitJob<?, ClassificationMetrics> job, Checkpoint checkpoint) {
        LoadedCheckpoint loaded = CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest());
        job.loadState(loaded.position(), loaded.state());
    }

    private static double loss(FitJob<?, ClassificationMetrics> job) {
        return job.step(0).getOrDefault("train/loss", Double.NaN);
    }

    private FitJob<?, ClassificationMetrics> probe(LinearProbe.TrainView view, long seed) throws IOException {
        return open(new LinearProbe(ENCODER, Normalization.GREY, view, seed, 3, 10, 0.1, 0, 0.5, ADAM));
    }

    private FitJob<?, ClassificationMetrics> open(LinearProbe probe) throws IOException {
        return probe.open(
                data(),
                new EncoderWeights.Random(),
                folder.resolve("artifacts"),
                CPU,
                DurableEffects.counting(),
                done -> {});
    }

    private FitJob<?, ClassificationMetrics> tuning(long seed) throws IOException {
        return tuning(seed, 0.01).open(data(), new EncoderWeights.Random(), CPU, () -> {});
    }

    private static SupervisedClassification tuning(long seed, double learningRate) {
        return new SupervisedClassification(ENCODER, seed, 3, 10, learningRate, ADAM);
    }

    private TaskData data() throws IOException {
        Path data = folder.resolve("data-" + System.nanoTime());
        return TestingImages.task(new TestingImages(data, SourceSet.RSNA, 56, 40, 32).write(), 24, 40, 56);
    }
}
