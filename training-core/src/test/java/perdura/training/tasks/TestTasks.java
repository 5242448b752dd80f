package perdura.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;

class TestTasks {
    @Test
    void theTasksOfTheClassPathAreFoundByName() {
        Tasks tasks = Tasks.load();
        assertThat(tasks.schemas())
                .extracting(TaskSchema::name)
                .containsExactly(
                        "detection",
                        "linear-probe",
                        "no-op",
                        "pair-retrieval",
                        "pretrain",
                        "retrieval",
                        "segmentation",
                        "supervised-classification",
                        "zero-shot",
                        "zero-shot-binary");
        assertThat(tasks.task("no-op", 1)).isInstanceOf(NoOpTask.class);
    }

    @Test
    void anUnknownNameAndAnotherVersionAreRefused() {
        Tasks tasks = Tasks.load();
        assertThatThrownBy(() -> tasks.task("linear-prob"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll("'linear-prob'", "'linear-probe'");
        assertThatThrownBy(() -> tasks.task("no-op", 7))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll("version 7", "no-op", "version 1");
    }

    @Test
    void twoTasksOfOneNameAreRefused() {
        Task twin = new Task() {
            @Override
            public TaskSchema schema() {
                return new NoOpTask().schema();
            }

            @Override
            public void check(TaskInput input) {}

            @Override
            public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
                throw new IllegalStateException();
            }
        };
        assertThatThrownBy(() -> new Tasks(List.of(new NoOpTask(), twin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two tasks are called no-op");
    }
}
