package perdura.activities.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.ReadyGrids;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TaskSchema;
import perdura.training.tasks.Tasks;

/** The grids that come with Perdura, against the tasks that come with it. */
class TestReadyGridsOnTasks {
    static List<String> names() {
        return ReadyGrids.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyReadyGridIsOneOfItsTask(String name) {
        List<TaskSchema> tasks = new ArrayList<>(Tasks.load().schemas());
        SweepExpansion grid =
                ReadyGrids.read(name, List.of(), tasks, ReferenceNames.unchecked(), SweepReader.MOST_TRIALS);
        assertThat(grid.task()).isIn(tasks);
        assertThat(grid.spec().objective().metric()).isIn(grid.task().metrics());
    }
}
