package perdura.training.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.training.nn.EncoderShapes;
import perdura.training.weights.file.FileTensor;

/** Finds torchvision's bottleneck ResNet in a file, infers its sizes, and checks every name and shape. */
record ResnetReading(Part part, ImportIssues findings) {
    /** Every ResNet has it, in its first block. */
    static final String MARK = "layer1.0.conv1.weight";

    private static final Pattern OF_THE_ENCODER = Pattern.compile("(conv1|bn1|layer\\d+)\\..*");
    private static final int LAYERS = 4;

    /** Takes the ResNet below a prefix; what is wrong with it goes to the findings. */
    static ResnetSizes read(List<FileTensor> all, String prefix, String target, ImportIssues findings) {
        return new ResnetReading(new Part(all, prefix, target, UnaryOperator.identity(), findings), findings).read();
    }

    private ResnetSizes read() {
        ResnetSizes sizes = sizes();
        Map<String, List<Long>> expected = EncoderShapes.resnet(sizes.blocks(), sizes.width(), sizes.channels());
        part.takeAll(expected, ResnetReading::whyInitial);
        for (String other : part.othersThan(expected)) {
            if (OF_THE_ENCODER.matcher(other).matches()) {
                findings.problem("tensor " + part.fileName(other)
                        + " belongs to a part that torchvision's ResNet does not have; the encoder can't compute it");
            } else {
                findings.skip(
                        part.fileName(other),
                        other.startsWith("fc.")
                                ? "the classifier; the encoder ends before it"
                                : "not part of the encoder");
            }
        }
        return sizes;
    }

    private static @Nullable String whyInitial(String name) {
        return name.endsWith("num_batches_tracked") ? "older files lack the count; it begins at 0" : null;
    }

    private ResnetSizes sizes() {
        if (part.has("conv1.0.weight")) {
            throw findings.refusal(
                    "a ResNet with a stem of several convolutions (resnet50d and its kin); only torchvision's ResNet can be used,"
                            + " whose conv1 is one");
        }
        for (String norm : List.of("bn1", "layer1.0.bn1")) {
            if (part.has(norm + ".weight") && !part.has(norm + ".running_mean")) {
                throw findings.refusal("a ResNet with GroupNorm or another norm than BatchNorm, as tensor "
                        + part.fileName(norm + ".weight") + " comes without " + norm
                        + ".running_mean; only ResNets with BatchNorm can be used");
            }
        }
        if (part.has("norm1.weight") || part.has("gn1.weight") || part.has("layer1.0.norm1.weight")) {
            throw findings.refusal("a ResNet with GroupNorm; only ResNets with BatchNorm can be used");
        }
        if (!part.has("layer1.0.conv3.weight")) {
            throw findings.refusal(
                    "a ResNet of basic blocks (resnet18 or resnet34); only bottleneck ResNets can be used,"
                            + " resnet50, resnet101 or resnet152");
        }
        List<Long> first = part.shape("conv1.weight", 4);
        int width = first.get(0).intValue();
        int channels = first.get(1).intValue();
        if (channels != 1 && channels != 3) {
            throw findings.refusal("tensor conv1.weight has shape " + first + "; an image has 1 or 3 channels");
        }
        int inner = part.size("layer1.0.conv1.weight", 4, 0);
        int innerOfGroup = part.size("layer1.0.conv2.weight", 4, 1);
        if (inner != innerOfGroup) {
            throw findings.refusal("a ResNeXt: its 3x3 convolutions have " + inner / Math.max(1, innerOfGroup)
                    + " groups; only ResNets without groups can be used");
        }
        if (inner != width) {
            throw findings.refusal("a wide ResNet: layer1 works in " + inner + " channels, the first convolution gives "
                    + width + "; only ResNets with equal widths can be used");
        }
        List<Integer> blocks = new ArrayList<>();
        for (int layer = 1; layer <= LAYERS; layer++) {
            blocks.add(Math.max(1, part.count("layer" + layer + ".", ".conv1.weight")));
        }
        return new ResnetSizes(blocks, width, channels);
    }
}
