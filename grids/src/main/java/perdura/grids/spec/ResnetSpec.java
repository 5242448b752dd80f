package perdura.grids.spec;

import java.util.List;

/**
 * Sizes of a ResNet of bottleneck blocks.
 *
 * @param blocks of the four layers
 * @param width channels of the first convolution
 */
public record ResnetSpec(List<Integer> blocks, int width) {
    public ResnetSpec {
        blocks = List.copyOf(blocks);
    }

    /** Channels of the last layer: 2048 at width 64. */
    public int channels() {
        return width * 32;
    }
}
