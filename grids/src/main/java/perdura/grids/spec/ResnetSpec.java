package perdura.grids.spec;

import java.util.List;

/**
 * Sizes of a ResNet, of bottleneck blocks unless something else is said beside it.
 *
 * @param blocks of the four layers
 * @param width channels of the first convolution
 */
public record ResnetSpec(List<Integer> blocks, int width) {
    /** What the layers are made of. */
    public enum Block {
        /** Two 3x3 convolutions, as in ResNet-18. */
        BASIC(1),
        /** 1x1, 3x3 and 1x1 convolutions, as in ResNet-50. */
        BOTTLENECK(4);

        private final int expansion;

        Block(int expansion) {
            this.expansion = expansion;
        }

        /** What a block's inner channels are multiplied with. */
        public int expansion() {
            return expansion;
        }

        /** Channels of the last of four layers. */
        public int channels(int width) {
            return 8 * width * expansion;
        }
    }

    public ResnetSpec {
        blocks = List.copyOf(blocks);
    }

    /** Channels of the last layer: 2048 at width 64. */
    public int channels() {
        return width * 32;
    }
}
