package perdura.training.tasks.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.Normalization;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.Position;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.checkpoint.TrainState;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.fit.FitJob;

/** Both tasks from the first step to the test, against PyTorch and scikit-learn (make_tasks.py). */
class TestTasksInPyTorch {
    /** Four times what PyTorch's own float32 run deviates from its float64 run, and never less than this. */
    private static final double LEAST_TOLERANCE = 2e-6;

    private static final ResourceSpec CPU = new ResourceSpec("cpu", 1);

    @TempDir
    private Path folder;

    private JsonNode json = new ObjectMapper().createObjectNode();
    private List<HostTensor> tensors = List.of();

    @BeforeEach
    void readFixture() throws IOException, URISyntaxException {
        json = new ObjectMapper().readTree(resource("tasks.json").toFile());
        tensors = SafetensorsReader.read(resource("tasks.safetensors"));
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(TestTasksInPyTorch.class.getResource(name))
                .toURI());
    }

    @Test
    void theProbeGoesAsInPyTorch() throws IOException {
        JsonNode own = json.get("probe");
        LinearProbe probe = new LinearProbe(
                encoder(),
                Normalization.GREY,
                LinearProbe.TrainView.CENTRE,
                config("seed"),
                config("epochs"),
                config("batchSize"),
                own.get("learningRate").asDouble(),
                own.get("patience").asInt(),
                own.get("factor").asDouble(),
                optimizer(own));
        try (FitJob<?, ClassificationMetrics> job = probe.open(
                task(), pretrained(), folder.resolve("artifacts"), CPU, DurableEffects.counting(), done -> {})) {
            assertRun(job, "probe", own);
        }
    }

    @Test
    void fineTuningGoesAsInPyTorch() throws IOException {
        JsonNode own = json.get("supervised");
        SupervisedClassification tuning = new SupervisedClassification(
                encoder(),
                config("seed"),
                config("epochs"),
                config("batchSize"),
                own.get("learningRate").asDouble(),
                optimizer(own));
        try (FitJob<?, ClassificationMetrics> job = tuning.open(task(), pretrained(), CPU, () -> {})) {
            assertRun(job, "supervised", own);
        }
    }

    /** The head's first values are the fixture's; the encoder has come by way of a checkpoint. */
    private void assertRun(FitJob<?, ClassificationMetrics> job, String name, JsonNode own) {
        TrainState start = job.copyState();
        List<HostTensor> first = new ArrayList<>();
        for (HostTensor tensor : start.weights()) {
            HostTensor expected = named(tensor.name());
            if (tensor.name().startsWith("image.")) {
                assertThat(tensor.data()).as(tensor.name()).isEqualTo(expected.data());
            }
            first.add(expected);
        }
        job.loadState(
                Position.START,
                TrainState.ofWeights(first)
                        .with(TrainState.OPTIMIZER, start.optimizer())
                        .with("best", start.section("best"))
                        .with("selection", start.section("selection")));
        double tolerance = Math.max(LEAST_TOLERANCE, 4 * own.get("float32").asDouble());
        assertThat(own.get("steps")).hasSize(Math.toIntExact(job.totalSteps()));
        for (int step = 0; step < job.totalSteps(); step++) {
            Map<String, Double> actual = job.step(step);
            Map<String, Double> expected = new LinkedHashMap<>();
            own.get("steps")
                    .get(step)
                    .properties()
                    .forEach(e -> expected.put(e.getKey(), e.getValue().asDouble()));
            assertThat(actual.keySet()).as("step %d", step).containsExactlyElementsOf(expected.keySet());
            String at = "step " + step + " ";
            expected.forEach((key, value) -> assertThat(actual.get(key))
                    .as(at + key)
                    .isCloseTo(value, within(tolerance * Math.max(1, Math.abs(value)))));
            if (step == 0) {
                assertGradients(job.copyState(), name, own);
            }
        }
    }

    /** After one step of Adam the first moment is (1 - beta1) (gradient + decay * weight). */
    private void assertGradients(TrainState state, String name, JsonNode own) {
        double share = 1 - own.get("betas").get(0).asDouble();
        double decay = own.get("weightDecay").asDouble();
        String prefix = "grad." + name + ".";
        List<HostTensor> gradients =
                tensors.stream().filter(t -> t.name().startsWith(prefix)).toList();
        assertThat(gradients).isNotEmpty();
        double largest = 0;
        for (HostTensor gradient : gradients) {
            for (float value : values(gradient)) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        for (HostTensor gradient : gradients) {
            String parameter = gradient.name().substring(prefix.length());
            float[] expected = values(gradient);
            float[] weights = values(named(parameter));
            float[] moments = values(only(state.optimizer(), t -> t.name().equals("exp_avg." + parameter)));
            for (int i = 0; i < expected.length; i++) {
                assertThat(moments[i] / share - decay * weights[i])
                        .as("%s[%d]", parameter, i)
                        .isCloseTo(expected[i], within(2e-5 * largest));
            }
        }
        assertThat(state.optimizer())
                .filteredOn(t -> t.name().startsWith("exp_avg."))
                .hasSameSizeAs(gradients);
    }

    private EncoderWeights pretrained() {
        List<HostTensor> weights =
                tensors.stream().filter(t -> t.name().startsWith("image.")).toList();
        Checkpoint checkpoint = new CheckpointWriter(
                        folder, new RunId("pre-1"), 1, "0".repeat(64), DurableEffects.counting())
                .write(Position.START, TrainState.ofWeights(weights), null);
        return new EncoderWeights.OfCheckpoint(checkpoint.folder(), checkpoint.manifestDigest());
    }

    private TaskData task() throws IOException {
        int side = config("side");
        JsonNode parts = json.get("config").get("parts");
        assertThat(parts.get("train").get(0).asInt()).isZero();
        return TestingImages.task(
                new TestingImages(folder.resolve("data"), SourceSet.RSNA, config("rows"), side, side).write(),
                parts.get("validation").get(0).asInt(),
                parts.get("test").get(0).asInt(),
                parts.get("test").get(1).asInt());
    }

    private ImageEncoder encoder() {
        List<Integer> blocks = new ArrayList<>();
        json.get("config").get("blocks").forEach(block -> blocks.add(block.asInt()));
        return new ImageEncoder(blocks, config("width"), 1);
    }

    private static OptimizerSpec optimizer(JsonNode own) {
        return new OptimizerSpec(
                OptimizerSpec.Algorithm.ADAM,
                own.get("betas").get(0).asDouble(),
                own.get("betas").get(1).asDouble(),
                1e-8,
                own.get("weightDecay").asDouble(),
                null);
    }

    private int config(String name) {
        return json.get("config").get(name).asInt();
    }

    private HostTensor named(String name) {
        return only(tensors, t -> t.name().equals(name));
    }

    private static HostTensor only(List<HostTensor> tensors, Predicate<HostTensor> wanted) {
        return tensors.stream().filter(wanted).findFirst().orElseThrow();
    }

    private static float[] values(HostTensor tensor) {
        FloatBuffer data =
                tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] values = new float[data.remaining()];
        data.get(values);
        return values;
    }
}
