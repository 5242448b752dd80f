package perdura.activities.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.grids.read.PretrainParameters;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.read.ReadyGrids;
import perdura.grids.read.SweepJson;
import perdura.grids.read.SweepSchema;
import perdura.grids.spec.Parameters;
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

    @ParameterizedTest
    @MethodSource("names")
    void everyReadyGridIsOneOfItsTask(String name) throws IOException {
        List<TaskSchema> tasks = new ArrayList<>(Tasks.load().schemas());
        SweepExpansion grid = ReadyGrids.read(name, tasks);
        assertThat(grid.task()).isIn(tasks);
        assertThat(grid.spec().objective().metric()).isIn(grid.task().metrics());
        String json = SweepJson.write(grid.spec());
        assertThat(SweepJson.read(json, tasks).spec()).isEqualTo(grid.spec());
        Schema schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(SweepSchema.write(tasks));
        assertThat(schema.validate(new YAMLMapper().readTree(ReadyGrids.text(name))))
                .isEmpty();
        assertThat(schema.validate(new YAMLMapper().readTree(json))).isEmpty();
    }

    /** prior.md 4.4, Table 2: ratio, learning rate, epochs, batch; five folds each. */
    @ParameterizedTest
    @CsvSource({
        "prior-table-2-detection, 1.0 5.0E-5 20 16/0.1 1.0E-4 20 16/0.01 1.0E-4 50 16",
        "prior-table-2-detection-literal, 1.0 5.0E-5 5 16/0.1 1.0E-4 20 16/0.01 1.0E-4 5 16",
        "prior-table-2-detection-small, 1.0 0.001 8 8/0.1 0.001 32 4",
        "prior-table-2-segmentation, 1.0 0.001 50 128/0.1 1.0E-4 50 128/0.01 1.0E-4 100 16",
        "prior-table-2-segmentation-small, 1.0 0.003 4 8/0.1 0.001 24 4"
    })
    void tableTwoOfPriorHasItsRowsInFiveFolds(String name, String rows) {
        List<Parameters> points = new ArrayList<>();
        ReadyGrids.read(name, Tasks.load().schemas()).points().forEachRemaining(points::add);
        Map<String, List<Object>> folds = new LinkedHashMap<>();
        for (Parameters point : points) {
            String row = point.value("fraction") + " " + point.value("learningRate") + " " + point.value("epochs") + " "
                    + point.value("batchSize");
            folds.computeIfAbsent(row, first -> new ArrayList<>()).add(point.value("fold"));
        }
        assertThat(folds.keySet()).containsExactly(rows.split("/", -1));
        assertThat(folds.values()).allSatisfy(each -> assertThat(each).containsExactly(0L, 1L, 2L, 3L, 4L));
    }

    @Test
    void theSegmentationOfSenseIsItsProtocol() {
        SweepExpansion grid = ReadyGrids.read("sense-segmentation", Tasks.load().schemas());
        List<Parameters> points = new ArrayList<>();
        grid.points().forEachRemaining(points::add);
        assertThat(points.stream().map(point -> point.value("fraction"))).containsExactly(0.01, 0.1, 1.0);
        assertThat(points).allSatisfy(point -> {
            assertThat(point.value("split")).isEqualTo("held-out");
            assertThat(point.value("images")).isEqualTo("balanced");
            assertThat(point.value("loss")).isEqualTo("focal-dice");
            assertThat(point.value("imageSize")).isEqualTo(512L);
            assertThat(point.value("patience")).isEqualTo(20L);
        });
        assertThat(grid.spec().points().seeds()).hasSize(3);
    }

    /** What a trial says of a pre-training is checked as a whole only when its spec is made. */
    @ParameterizedTest
    @MethodSource("names")
    void everyPretrainingOfAReadyGridHasASpec(String name) {
        SweepExpansion grid = ReadyGrids.read(name, Tasks.load().schemas());
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
