package perdura.training.tasks.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.loop.CommittedState;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainLoop;
import perdura.training.loop.TrainLoop.LoopClock;
import perdura.training.loop.TrainLoop.LoopResult;
import perdura.training.loop.TrainLoop.TrainCommit;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.tasks.fit.Evaluator.Evaluation;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** One weight that each step lessens by 0.1, from 1; an epoch is two steps, and its value how far the weight is from 0.45. */
class TestFitJob {
    private static final double AIM = 0.45;

    @TempDir
    private Path folder;

    private final List<Double> tested = new ArrayList<>();

    @Test
    void aRunEndsWhenItsPatienceIsSpentAndTestsTheBestEpoch() {
        List<TrainCommit> commits = new ArrayList<>();
        try (FitJob<Integer, Distance> job = job(2)) {
            assertThat(job.totalSteps()).isEqualTo(20);
            LoopResult result = loop(job, commits, new StopRequest(), 0).run(CommittedState.NONE, 20);
            assertThat(result.last().position()).isEqualTo(new Position(1, 5, 10)); // 0.35 0.15 0.05 0.25 0.45
            assertThat(result.stoppedBy()).isNull();
            assertThat(job.totalSteps()).isEqualTo(10);
            assertThatThrownBy(() -> job.step(10)).hasMessageContainingAll("[0, 10)", "was 10");
        }
        assertThat(commits.get(commits.size() - 1).stageEnd()).isTrue();
        assertThat(commits.get(commits.size() - 1).points())
                .filteredOn(point -> !point.key().startsWith("train/"))
                .extracting(point -> point.step() + " " + point.key())
                .endsWith(
                        "9 validation/loss",
                        "9 best/epoch",
                        "9 best/validation/loss",
                        "9 test/loss",
                        "9 baseline/loss");
        assertThat(tested)
                .hasSize(1)
                .first()
                .satisfies(value -> assertThat(value).isCloseTo(0.05, within(1e-5)));
        Checkpoint last = commits.get(commits.size() - 1).checkpoint();
        assertThat(FitJob.bestEpoch(
                        CheckpointReader.verifiedSection(last.folder(), last.manifestDigest(), FitJob.SELECTION)))
                .isEqualTo(2);
        assertThatThrownBy(() -> CheckpointReader.verifiedSection(last.folder(), last.manifestDigest(), "none"))
                .hasMessageContainingAll(last.folder().toString(), "section none");
    }

    @Test
    void withoutPatienceAllEpochsAreTrained() {
        try (FitJob<Integer, Distance> job = job(null)) {
            LoopResult result =
                    loop(job, new ArrayList<>(), new StopRequest(), 0).run(CommittedState.NONE, 20);
            assertThat(result.last().position().step()).isEqualTo(20);
        }
        assertThat(tested).hasSize(1);
    }

    @Test
    void aRunThatIsStoppedAnywhereEndsAtTheSameStepWithTheSameState() {
        String whole;
        try (FitJob<Integer, Distance> job = job(2)) {
            whole = loop(job, new ArrayList<>(), new StopRequest(), 0)
                    .run(CommittedState.NONE, 20)
                    .last()
                    .stateDigest();
        }
        for (int stopAfter = 1; stopAfter <= 10; stopAfter++) {
            List<TrainCommit> commits = new ArrayList<>();
            LoopResult stopped;
            try (FitJob<Integer, Distance> job = job(2)) {
                stopped = loop(job, commits, new StopRequest(), stopAfter).run(CommittedState.NONE, 20);
            }
            assertThat(stopped.stoppedBy()).isEqualTo(stopAfter < 10 ? StopRequest.Reason.PREEMPTION : null);
            try (FitJob<Integer, Distance> job = job(2)) {
                Checkpoint checkpoint = commits.get(commits.size() - 1).checkpoint();
                LoadedCheckpoint loaded = CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest());
                job.loadState(loaded.position(), loaded.state());
                assertThat(job.totalSteps()).isEqualTo(stopAfter < 10 ? 20 : 10);
                LoopResult end = loop(job, commits, new StopRequest(), 0).run(stopped.last(), job.totalSteps());
                assertThat(end.last().position().step()).isEqualTo(10);
                assertThat(end.last().stateDigest()).isEqualTo(whole);
            }
        }
    }

    @Test
    void whatALossTellsStandsAmongTheStepsMetrics() {
        try (FitJob<Integer, Distance> job = job(null)) {
            assertThat(job.step(0).keySet())
                    .containsExactly("train/loss", "train/learning_rate", "train/grad_norm", "train/batch");
        }
    }

    @Test
    void anAnswerThatIsNotFiniteEndsTheRunByName() {
        try (FitJob<Integer, Distance> job = job(null, OptionalDouble.of(Double.NaN))) {
            job.step(0);
            assertThatThrownBy(() -> job.step(1))
                    .hasMessage("step 1: an answer on the validation part is NaN; a lower learningRate may help");
        }
    }

    @Test
    void noPatienceAtAllIsRefused() {
        assertThatThrownBy(() -> job(0)).hasMessageContainingAll("patience >= 1", "0");
    }

    private TrainLoop loop(FitJob<Integer, Distance> job, List<TrainCommit> to, StopRequest stop, long stopAfter) {
        return new TrainLoop(
                job,
                new CommitSpec(Duration.ofHours(1), null, 2),
                new CheckpointWriter(folder, new RunId("run-1"), 1, "0".repeat(64), DurableEffects.counting()),
                to::add,
                (done, metrics, rate) -> {
                    if (done == stopAfter) {
                        stop.ask(StopRequest.Reason.PREEMPTION);
                    }
                },
                stop,
                LoopClock.system());
    }

    private FitJob<Integer, Distance> job(@Nullable Integer patience) {
        return job(patience, OptionalDouble.empty());
    }

    private FitJob<Integer, Distance> job(@Nullable Integer patience, OptionalDouble notFinite) {
        Weight net = new Weight(Torch.start("cpu", 1));
        OptimizerSpec adam = new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 0, null);
        try {
            return new FitJob<>(
                    net,
                    new FitJob.Plan<>(
                            10,
                            adam,
                            step -> 0.1,
                            new FitJob.Criterion<>(FitJob.Criterion.Order.LEAST, Distance::loss),
                            patience,
                            it -> {
                                tested.add(it.loss());
                                return Map.of("baseline/loss", 2.0);
                            }),
                    new FitJob.Inputs<>(
                            new Numbers(2),
                            new FitJob.MeasuredPart<>(
                                    "validation", new Numbers(3), kind -> net.measure(kind, notFinite), () -> {}),
                            new FitJob.MeasuredPart<>(
                                    "test", new Numbers(3), kind -> net.measure(kind, notFinite), () -> {})));
        } catch (RuntimeException e) {
            net.weights().torch().close();
            throw e;
        }
    }

    private record Distance(double loss) implements Evaluation {
        @Override
        public Map<String, Double> metrics(String prefix) {
            return Map.of(prefix + "/loss", loss);
        }
    }

    private record Numbers(long batchesPerEpoch) implements FitBatches<Integer> {
        @Override
        public Integer batch(int epoch, long index) {
            return Math.toIntExact(index);
        }

        @Override
        public void close() {}
    }

    private static final class Weight implements FitNet<Integer> {
        private final NetWeights weights;
        private final ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.TRAIN);
        private final Script script;

        Weight(Torch torch) {
            StateDictLayout layout = new StateDictLayout();
            layout.parameter("w", Init.constant(1), 1);
            program.function(
                    "loss",
                    "x: Tensor",
                    "Tensor",
                    "return torch.sum(torch.mul(%s, x))\n".formatted(program.parameter("w")));
            weights = new NetWeights(torch, layout, 1, first -> {});
            script = Script.compile(torch, program.text());
        }

        @Override
        public NetWeights weights() {
            return weights;
        }

        @Override
        public List<String> trained() {
            return program.trained();
        }

        @Override
        public StepLoss loss(StepScope scope, Integer batch) {
            Tensor x = scope.floats(FloatBuffer.wrap(new float[] {1}), 1);
            List<Tensor> arguments = program.arguments(weights.of(NetWeights.Kind.CURRENT));
            return new StepLoss(
                    script.call(scope, "loss", List.of(arguments), x).get(0), Map.of("batch", (double) batch));
        }

        Evaluator<Integer, Distance> measure(NetWeights.Kind kind, OptionalDouble notFinite) {
            float now = weights.of(kind).copyOut().get(0).data().asFloatBuffer().get(0);
            return new Evaluator<>() {
                private int batches;

                @Override
                public OptionalDouble add(Integer batch) {
                    assertThat(batch).isEqualTo(batches++);
                    return notFinite;
                }

                @Override
                public Distance result() {
                    assertThat(batches).isEqualTo(3);
                    return new Distance(Math.abs(now - AIM));
                }
            };
        }
    }
}
