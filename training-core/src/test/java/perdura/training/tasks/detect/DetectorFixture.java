package perdura.training.tasks.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import perdura.grids.spec.ResnetSpec.Block;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.nn.Backbone;
import perdura.training.nn.StateDictLayout;
import perdura.training.tasks.detect.DetectorSpec.AnchorSpec;
import perdura.training.tasks.detect.DetectorSpec.HeadSpec;
import perdura.training.tasks.detect.DetectorSpec.Proposals;
import perdura.training.tasks.detect.DetectorSpec.RpnSpec;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A fixture of the detector, and the tolerances of its README. All sizes, options and numbers of images are the fixture's. */
final class DetectorFixture implements AutoCloseable {
    final GoldenFixture golden;
    final ElementType type;
    final Torch torch;
    final StepScope scope;

    DetectorFixture(String name, ElementType type) {
        this.golden = GoldenFixture.load("dense/" + name);
        this.type = type;
        this.torch = Torch.start("cpu", 1);
        this.scope = torch.newStep();
    }

    JsonNode config() {
        return golden.json().get("config");
    }

    static List<Integer> integers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
    }

    static List<Double> reals(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asDouble)
                .toList();
    }

    private int count(String option) {
        return config().get(option).asInt();
    }

    private double real(String option) {
        return config().get(option).asDouble();
    }

    int batch() {
        return count("batch");
    }

    DetectorSpec spec() {
        return new DetectorSpec(
                config().get("image").get(0).asInt(),
                config().get("image").get(1).asInt(),
                count("classes"),
                count("fpn"),
                count("fc"),
                new AnchorSpec(integers(config().get("anchor_sizes")), reals(config().get("anchor_ratios"))),
                new RpnSpec(
                        new BoxMatcher(real("rpn_high"), real("rpn_low"), BoxMatcher.LowQuality.MATCHED),
                        new BalancedSampler(count("rpn_samples"), real("rpn_positive")),
                        real("rpn_nms"),
                        new Proposals(count("pre_nms_train"), count("post_nms_train")),
                        new Proposals(count("pre_nms_test"), count("post_nms_test"))),
                new HeadSpec(
                        new RoiAlign(count("roi_size"), count("roi_ratio"), real("roi_canonical")),
                        new BoxMatcher(
                                real("head_threshold"), real("head_threshold"), BoxMatcher.LowQuality.NOT_MATCHED),
                        new BalancedSampler(count("head_samples"), real("head_positive")),
                        real("score"),
                        real("nms"),
                        count("detections")));
    }

    Detector detector() {
        Backbone backbone = new Backbone(
                "backbone.body",
                Block.valueOf(config().get("block").asText()),
                integers(config().get("blocks")),
                count("width"),
                count("channels"));
        return new Detector(backbone, spec());
    }

    /** The detector's tensors with the fixture's values where it has them, and further tensors of the fixture beside them. */
    Parameters parameters(Detector detector, List<String> others) {
        StateDictLayout layout = detector.layout();
        Parameters store = layout.allocate(torch, type);
        List<HostTensor> values = new ArrayList<>();
        for (StateDictLayout.Entry entry : layout.entries()) {
            String known = golden.names("weight." + entry.name()).isEmpty() ? "buffer." : "weight.";
            if (!golden.names(known + entry.name()).isEmpty()) {
                values.add(golden.tensor(known + entry.name(), entry.name(), type));
            } else {
                int size = entry.shape().stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
                values.add(GoldenFixture.host(
                        entry.name(), entry.counter() ? ElementType.I64 : type, entry.shape(), new double[size]));
            }
        }
        for (String other : others) {
            store.add(other, type, golden.shape(other));
            values.add(golden.tensor(other, other, type));
        }
        store.copyIn(values);
        return store;
    }

    Tensor tensor(String name) {
        return scope.tensor(golden.tensor(name, name, type));
    }

    double[] values(String name) {
        return golden.values(name);
    }

    int[] whole(String name) {
        return Arrays.stream(golden.values(name)).mapToInt(value -> (int) value).toArray();
    }

    /** What is to be found in each image. */
    List<Truth> truths(String prefix) {
        return IntStream.range(0, batch())
                .mapToObj(i -> new Truth(
                        values(prefix + "input.truth" + i + ".boxes"), whole(prefix + "input.truth" + i + ".labels")))
                .toList();
    }

    /** The fixture's own orders. */
    VisitOrder order(String prefix) {
        return (stage, image, candidates) -> {
            String name = prefix + (stage == VisitOrder.Stage.RPN ? "input.rpnOrder" : "input.headOrder");
            int length = Math.toIntExact(golden.shape(name).get(1));
            return Arrays.copyOfRange(whole(name), image * length, (image + 1) * length);
        };
    }

    void check(String name, double[] actual) {
        assertClose(name, actual, values(name), type == ElementType.F64 ? 1e-9 : 1e-5);
    }

    void checkScalar(String name, double actual) {
        double expected = golden.scalar(name);
        assertThat(actual)
                .as(name)
                .isCloseTo(expected, within((type == ElementType.F64 ? 1e-9 : 1e-5) * Math.abs(expected)));
    }

    /** Compares the gradients of all tensors that the fixture has them of. */
    void checkGradients(Gradients gradients) {
        List<String> names = golden.names("grad.loss.").stream()
                .map(name -> name.substring("grad.loss.".length()))
                .filter(name -> !name.equals("input.images"))
                .toList();
        assertThat(names).isNotEmpty();
        for (String name : names) {
            String stored = name.startsWith("weight.") ? name.substring("weight.".length()) : name;
            checkGradient(name, gradients.tensor(stored));
        }
    }

    void checkGradient(String name, Tensor gradient) {
        double greatest = golden.names("grad.loss.").stream()
                .mapToDouble(each -> greatest(values(each)))
                .max()
                .orElseThrow();
        double[] expected = values("grad.loss." + name);
        double tolerance = (type == ElementType.F64 ? 1e-9 : 1e-4) * (greatest(expected) + 1e-3 * greatest);
        assertWithin("grad.loss." + name, gradient.toDoubles(), expected, tolerance);
    }

    static double greatest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** @param tolerance relative to the greatest value expected */
    static void assertClose(String name, double[] actual, double[] expected, double tolerance) {
        assertWithin(name, actual, expected, tolerance * greatest(expected));
    }

    private static void assertWithin(String name, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within(tolerance));
        }
    }

    @Override
    public void close() {
        torch.close();
    }
}
