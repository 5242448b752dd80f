package perdura.training.tasks.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.TrialSpec;
import perdura.training.tasks.Task;
import perdura.training.tasks.Task.PretrainingRequirement;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.classify.LinearProbeTask;
import perdura.training.tasks.pair.ZeroShotTask;

class TestPretrainTask {
    private final Task task = new PretrainTask();

    @Test
    void whatIsGivenOfThePretrainingBecomesSettingsOfItsSpec() {
        PretrainingRequirement needed = needed(Map.of(
                "pretrain.profile",
                "tiny",
                "pretrain.model.tau",
                0.01,
                "pretrain.stage",
                2L,
                "pretrain.stage1.epochs",
                3L,
                "pretrain.model.lamActivation",
                "softmax",
                "pretrain.seed",
                7L));

        assertThat(needed.choice().profile()).isEqualTo("tiny");
        assertThat(needed.dataset()).isEqualTo("dataset");
        assertThat(needed.choice().stage()).isEqualTo(2);
        assertThat(needed.encoder()).isEqualTo("encoder");
        assertThat(needed.choice().settings())
                .containsExactly(
                        "stages=[{stage: 1}, {stage: 2}]",
                        "model.lamActivation=softmax",
                        "model.tau=0.01",
                        "seed=7",
                        "stages.0.epochs=3");
        assertThat(needed.others().values().keySet()).noneMatch(path -> path.startsWith("pretrain."));
    }

    @Test
    void aDefaultOfTheDownstreamTaskWrittenOutIsTheSameTrial() {
        assertThat(needed(Map.of("downstream.learningRate", 1e-4, "downstream.epochs", 50L)))
                .isEqualTo(needed(Map.of()));
        assertThat(needed(Map.of("downstream.epochs", 5L))).isNotEqualTo(needed(Map.of()));
        assertThat(needed(Map.of("downstream.task", "supervised-classification"))
                        .others())
                .isNotEqualTo(needed(Map.of()).others());
    }

    @Test
    void whatThePretrainingIsChangesNothingElse() {
        assertThat(needed(Map.of("pretrain.model.tau", 0.5)).others())
                .isEqualTo(needed(Map.of()).others());
    }

    @Test
    void chunksOfABatchArePartOfThePretraining() {
        PretrainingRequirement chunked = needed(Map.of("pretrain.microBatchSize", 16L));
        assertThat(chunked.choice().settings())
                .containsExactly("stages=[{stage: 1}, {stage: 2}, {stage: 3}]", "microBatchSize=16");
        assertThat(chunked.others()).isEqualTo(needed(Map.of()).others());
    }

    @Test
    void aParameterOfAnotherDownstreamTaskIsRefused() {
        TaskInput input = new TaskInput(
                trial(Map.of("downstream.task", "supervised-classification", "downstream.view", "crop")),
                new TreeMap<>(),
                new TreeMap<>());

        assertThatThrownBy(() -> task.check(input))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll("downstream.view", "crop", "supervised-classification");
    }

    @Test
    void aValueThatOnlyAnotherDownstreamTaskKnowsIsRefused() {
        TaskInput input = new TaskInput(
                trial(Map.of("downstream.task", "supervised-classification", "downstream.split", "folds")),
                new TreeMap<>(),
                new TreeMap<>());

        assertThatThrownBy(() -> task.check(input))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll("downstream.split", "folds", "supervised-classification", "ratio-622");
    }

    @Test
    void aParameterThatTheDownstreamTaskMustBeGivenIsAskedFor() {
        TaskInput input = new TaskInput(
                trial(Map.of("downstream.task", "retrieval", "downstream.perClass", 20L)),
                new TreeMap<>(),
                new TreeMap<>());

        assertThatThrownBy(() -> task.check(input))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll("downstream.reports", "downstream.task: retrieval", "mimic-cxr");
    }

    @Test
    void itsMetricsAreThoseOfTheDownstreamTask() {
        assertThat(task.metrics(trial(Map.of()))).contains("auroc").doesNotContain("kappa", "precision_at_1");
        assertThat(task.metrics(trial(Map.of("downstream.task", "zero-shot"))))
                .isEqualTo(new ZeroShotTask().schema().metrics());
        assertThat(task.schema().metrics()).contains("auroc", "kappa", "precision_at_1");
    }

    @Test
    void zeroShotAndRetrievalSeeTheirDefaultsAndNoNameOfASet() {
        Parameters zeroShot = DownstreamChoice.of(trial(Map.of("downstream.task", "zero-shot")))
                .resolved();
        assertThat(zeroShot.value("scale")).isEqualTo("log");
        assertThat(zeroShot.value("localWeight")).isEqualTo(1.0);
        Parameters retrieval = DownstreamChoice.of(
                        trial(Map.of("downstream.task", "retrieval", "downstream.reports", "mimic-test")))
                .resolved();
        assertThat(retrieval.value("reportsPerClass")).isEqualTo(1000L);
        assertThat(retrieval.values().keySet()).doesNotContain("encoder", "dataset", "reports");
    }

    @Test
    void theDownstreamTaskSeesItsOwnParametersAndTheSeed() {
        TrialSpec trial = trial(Map.of("downstream.fraction", 0.1));

        Parameters resolved = DownstreamChoice.of(trial).resolved();

        assertThat(DownstreamChoice.of(trial).task()).isInstanceOf(LinearProbeTask.class);
        assertThat(resolved.value("fraction")).isEqualTo(0.1);
        assertThat(resolved.value("plateau.patience")).isEqualTo(5L);
        assertThat(resolved.values().keySet()).doesNotContain("encoder", "dataset", "model.width", "imageSize");
    }

    private PretrainingRequirement needed(Map<String, Object> given) {
        return task.pretraining(trial(given)).orElseThrow();
    }

    private TrialSpec trial(Map<String, Object> given) {
        TreeMap<String, @Nullable Object> values =
                new TreeMap<>(task.schema().defaults().values());
        values.put("dataset", "mimic");
        values.put("downstream.dataset", "rsna");
        values.putAll(given);
        return new TrialSpec("pretrain", 2, new Parameters(values), 1);
    }
}
