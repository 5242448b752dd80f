package perdura.training.weights;

import java.util.List;
import perdura.grids.spec.Amount;

/**
 * Sizes of a bottleneck ResNet, read off its tensors.
 *
 * @param blocks blocks of the four layers
 * @param width channels of the first convolution; layer4 has 32 times as many
 * @param channels channels of the image: 1 or 3
 */
public record ResnetSizes(List<Integer> blocks, int width, int channels) {
    public ResnetSizes {
        blocks = List.copyOf(blocks);
    }

    @Override
    public String toString() {
        return "blocks " + blocks + ", width " + width + ", " + Amount.of(channels, "channel");
    }
}
