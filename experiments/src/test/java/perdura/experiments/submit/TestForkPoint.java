package perdura.experiments.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.training.method.Methods;
import perdura.training.methods.prior.spec.PriorSpec;

class TestForkPoint {
    private static final String DATA = "d".repeat(64);
    private static final RunId ORIGIN = new RunId("origin-1");
    private static final Run RUN = run(RunKind.PRETRAIN);
    private static final List<StoredCheckpoint> ENDS = List.of(end(2, 30), end(1, 10));

    @Test
    void aStageBeginsWhereTheOneBeforeItEnded() {
        ForkPoint point = ForkPoint.find(RUN, ENDS, spec("stages.2.learningRate=2e-4", "optimizer.clipNorm=1"), 3);

        assertThat(point).isEqualTo(new ForkPoint(end(2, 30), 3));
    }

    @Test
    void theStageAfterTheLastThatEndedIsTheDefault() {
        assertThat(ForkPoint.find(RUN, List.of(end(1, 10)), spec(), null)).isEqualTo(new ForkPoint(end(1, 10), 2));
        assertRefused(
                List.of(end(3, 60)),
                spec(),
                null,
                "origin-1 has ended stages [3] of the plan [1, 2, 3]; say with which one the new run begins: --from-stage");
    }

    @Test
    void everythingBeforeTheStageMustBeAsItWas() {
        assertRefused(
                ENDS,
                spec(
                        "batchSize=8",
                        "stages.1.epochs=7",
                        "stages.2.epochs=9",
                        "model.dim=32",
                        "augment.rotationDegrees=7",
                        "seed=3"),
                3,
                """
                stage 3 can't begin with the weights of origin-1: what comes before it must be as it was
                  batchSize is 8, of origin-1 32
                  model.dim is 32, of origin-1 64
                  stages.1.epochs is 7, of origin-1 3""");
    }

    @Test
    void anotherDataSetIsRefused() {
        assertRefused(
                ENDS,
                spec("data.dataset=" + "e".repeat(64)),
                2,
                "data.dataset is " + "e".repeat(64) + ", of origin-1 " + DATA);
    }

    @Test
    void whatHasNoStageEndToBeginWithIsRefused() {
        assertRefused(
                ENDS, spec(), 1, "--from-stage 1 is the first of the plan and begins with nothing of another run");
        assertRefused(ENDS, spec(), 4, "--from-stage 4: the plan has the stages [1, 2, 3]");
        assertRefused(
                List.of(end(1, 10)),
                spec(),
                3,
                "stage 3 begins where stage 2 ended, and origin-1 has a checkpoint at the end of stages [1] only");
        assertThatThrownBy(() -> ForkPoint.find(run(RunKind.TRIAL), ENDS, spec(), 2))
                .hasMessageContainingAll("origin-1", "trial", "pre-training");
    }

    @Test
    void theNewRunSaysWhoseWeightsItBeganWith() {
        NewRun plain = PretrainPlan.newRun(spec(), new RunId("fork-1"), "me", Optional.empty());

        NewRun run = new ForkPoint(end(2, 30), 3).mark(plain);

        assertThat(run.tags())
                .containsEntry("perdura.forked_from", "origin-1")
                .containsEntry("perdura.from_stage", "3");
        assertThat(run.tags().get("mlflow.note.content")).endsWith("Stage 3 began with the weights of `origin-1`.");
        assertThat(run.identity().specHash()).isNotEqualTo(plain.identity().specHash());
        assertThat(run.identity().spec()).isEqualTo(plain.identity().spec());
    }

    @Test
    void aRunOfAnotherMethodGoesOnToo() {
        PretrainSpec toy = Methods.load()
                .specs()
                .ofProfile(
                        new PretrainStart("origin", "tests", "toy", "tiny", DATA, new ResourceSpec("cpu", 1)),
                        List.of());
        List<StoredCheckpoint> ends = List.of(end(1, 20));
        assertThat(ForkPoint.find(run(RunKind.PRETRAIN, toy), ends, toy, null).stage())
                .isEqualTo(2);
        assertThatThrownBy(() -> ForkPoint.find(run(RunKind.PRETRAIN, toy), ends, spec(), 2))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("method is prior, of origin-1 toy");
    }

    private static void assertRefused(
            List<StoredCheckpoint> ends, PretrainSpec spec, @Nullable Integer stage, String message) {
        assertThatThrownBy(() -> ForkPoint.find(RUN, ends, spec, stage))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining(message);
    }

    private static PretrainSpec spec(String... settings) {
        PretrainSpec plain = Methods.load()
                .specs()
                .ofProfile(
                        new PretrainStart("origin", "tests", PriorSpec.NAME, "tiny", DATA, new ResourceSpec("cpu", 1)),
                        List.of());
        return Methods.load()
                .specs()
                .ofRun(Methods.load().specs().write(plain), List.of(settings), ReferenceNames.digestsAlone());
    }

    /** At the end of a stage a run stands at the begin of the next one. */
    private static StoredCheckpoint end(int stage, long step) {
        Position position = stage == 3 ? new Position(3, 6, step) : new Position(stage + 1, 0, step);
        return new StoredCheckpoint(
                ORIGIN,
                position,
                "state-" + step,
                new StoredCheckpoint.Files("file:///artifacts/" + step, "manifest-" + step, 1),
                true,
                null,
                CheckpointState.PRESENT,
                Instant.EPOCH);
    }

    private static Run run(RunKind kind) {
        return run(kind, spec());
    }

    private static Run run(RunKind kind, PretrainSpec trained) {
        String spec = Methods.load().specs().write(trained);
        return new Run(
                ORIGIN,
                new Run.Identity("tests", "origin", kind, spec, "hash", 1),
                RunStatus.FINISHED,
                new Run.Progress(new Position(3, 6, 60), "state", 60L, false, null),
                new Run.Binding(DATA, 1, 1),
                new Run.Outcome(null, null, null, null),
                new Run.Mlflow(null, null),
                Instant.EPOCH);
    }
}
