package perdura.activities.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.PretrainParameters;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.read.ReadyGrids;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialSpec;
import perdura.training.method.Methods;
import perdura.training.tasks.Task;
import perdura.training.tasks.Tasks;

/** The grids that come with Perdura, against the tasks and methods that come with it. */
class TestReadyGridsOnTasks {
    static List<String> names() {
        return ReadyGrids.names();
    }

    private static SweepExpansion read(String name, List<TaskSchema> tasks) {
        return ReadyGrids.read(name, List.of(), tasks, ReferenceNames.unchecked(), SweepReader.MOST_TRIALS);
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyReadyGridIsOneOfItsTask(String name) {
        List<TaskSchema> tasks = new ArrayList<>(Tasks.load().schemas());
        SweepExpansion grid = read(name, tasks);
        assertThat(grid.task()).isIn(tasks);
        assertThat(grid.spec().objective().metric()).isIn(grid.task().metrics());
    }

    /** What a trial says of a pre-training is checked as a whole only when its spec is made. */
    @ParameterizedTest
    @MethodSource("names")
    void everyPretrainingOfAReadyGridHasASpec(String name) {
        SweepExpansion grid = read(name, Tasks.load().schemas());
        Task task = Tasks.load().task(grid.task().name());
        List<TrialSpec> trials = new ArrayList<>();
        grid.trials().forEachRemaining(trials::add);
        List<PretrainSpec> specs = trials.stream()
                .flatMap(trial -> task.pretraining(trial).stream())
                .map(required -> spec(required.choice()))
                .toList();
        assertThat(specs).hasSize(grid.task().name().equals("pretrain") ? trials.size() : 0);
    }

    private static PretrainSpec spec(PretrainParameters.Choice choice) {
        PretrainStart start = new PretrainStart(
                "ready-1", "tests", choice.method(), choice.profile(), "0".repeat(64), new ResourceSpec("cpu", 1));
        return Methods.load().specs().ofProfile(start, choice.settings());
    }
}
