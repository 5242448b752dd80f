package perdura.training.nn;

import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.ResnetSpec.Block;

/**
 * The image backbone (prior.md 2.2, sense.md 2): torchvision's ResNet without classifier. Its function {@code backbone}
 * takes [B, channels, H, W] to [B, block.channels(width), H/32, W/32].
 *
 * @param name prefix of its parameters
 * @param block what the four layers are made of
 * @param blocks blocks of the four layers
 * @param width channels of the first convolution
 * @param channels of the image: 1 where it is grey, or 3
 */
public record Backbone(String name, Block block, List<Integer> blocks, int width, int channels) {
    /** A backbone of bottleneck blocks. */
    public Backbone(String name, List<Integer> blocks, int width, int channels) {
        this(name, Block.BOTTLENECK, blocks, width, channels);
    }

    /** A backbone of bottleneck blocks for grey images. */
    public Backbone(String name, List<Integer> blocks, int width) {
        this(name, blocks, width, 1);
    }

    public void declare(StateDictLayout layout) {
        layout.convolution(name + ".conv1", channels, width, 7, fanOut(width, 7));
        layout.batchNorm(name + ".bn1", width);
        int in = width;
        for (int layer = 0; layer < blocks.size(); layer++) {
            int inner = width << layer;
            for (int index = 0; index < blocks.get(layer); index++) {
                declareBlock(layout, layer, index, in, inner);
                in = inner * block.expansion();
            }
        }
    }

    private void declareBlock(StateDictLayout layout, int layer, int index, int in, int inner) {
        String name = blockName(layer, index);
        int out = inner * block.expansion();
        boolean isBasic = block == Block.BASIC;
        layout.convolution(name + ".conv1", in, inner, isBasic ? 3 : 1, fanOut(inner, isBasic ? 3 : 1));
        layout.batchNorm(name + ".bn1", inner);
        layout.convolution(name + ".conv2", inner, inner, 3, fanOut(inner, 3));
        layout.batchNorm(name + ".bn2", inner);
        if (!isBasic) {
            layout.convolution(name + ".conv3", inner, out, 1, fanOut(out, 1));
            layout.batchNorm(name + ".bn3", out);
        }
        if (isProjected(layer, index)) {
            layout.convolution(name + ".downsample.0", in, out, 1, fanOut(out, 1));
            layout.batchNorm(name + ".downsample.1", out);
        }
    }

    /** Whether a block changes sizes, so that what goes past it is projected: not where a layer of basic blocks keeps them. */
    private boolean isProjected(int layer, int index) {
        return index == 0 && (layer > 0 || block == Block.BOTTLENECK);
    }

    /**
     * How many numbers a recorded pass keeps of one image for its backward pass: a convolution keeps what it reads, BatchNorm too, ReLU what
     * it gives.
     *
     * @param side of the image, pixels
     */
    public double savedNumbers(int side) {
        double cells = side / 4.0 * (side / 4.0);
        double kept = 2.0 * width * 4 * cells + 3.0 * width * cells; // stem; the pool's indices are int64
        boolean isBasic = block == Block.BASIC;
        for (int layer = 0; layer < blocks.size(); layer++) {
            double inner = (double) width * (1 << layer);
            double before =
                    layer == 0 ? cells : 4 * cells; // a bottleneck's first block still reads what is twice as wide
            double first =
                    isBasic ? (isProjected(layer, 0) ? 5 : 4) * inner * cells : 2 * inner * before + 14 * inner * cells;
            kept += first + (blocks.get(layer) - 1) * (isBasic ? 4 : 12) * inner * cells;
            cells /= 4;
        }
        return kept;
    }

    /** torch.nn.init.kaiming_normal_ with mode fan_out for ReLU. */
    private static Init fanOut(int out, int side) {
        return Init.normal(Math.sqrt(2.0 / ((double) out * side * side)));
    }

    public void write(ScriptBuilder program) {
        StringBuilder body = new StringBuilder(stem(program, "x"));
        for (int layer = 0; layer < blocks.size(); layer++) {
            body.append(layer(program, layer));
        }
        program.function("backbone", "x: Tensor", "Tensor", body + "return x\n");
    }

    /**
     * Writes {@code pyramid}, which takes the same images to a list of five maps: the stem's after its ReLU and before its pooling,
     * [B, width, H/2, W/2], and those of the four layers at strides 4, 8, 16 and 32. Of {@link #channelsOfPyramid}.
     */
    public void writePyramid(ScriptBuilder program) {
        StringBuilder body = new StringBuilder(stem(program, "stem"));
        for (int layer = 0; layer < blocks.size(); layer++) {
            body.append(layer(program, layer)).append("x%d = x\n".formatted(layer + 1));
        }
        program.function("pyramid", "x: Tensor", "List[Tensor]", body + "return [stem, x1, x2, x3, x4]\n");
    }

    /** Channels of the five maps of the pyramid: 64, 256, 512, 1024 and 2048 for bottleneck blocks at width 64. */
    public List<Integer> channelsOfPyramid() {
        List<Integer> all = new ArrayList<>(List.of(width));
        for (int layer = 0; layer < blocks.size(); layer++) {
            all.add((width << layer) * block.expansion());
        }
        return all;
    }

    /** @param map name of what the pooling reads */
    private String stem(ScriptBuilder program, String map) {
        String normed = program.batchNorm(name + ".bn1", program.convolution(name + ".conv1", "x", 2, 3));
        return """
                %1$s = torch.relu_(%2$s)
                x = torch.max_pool2d(%1$s, [3, 3], [2, 2], [1, 1])
                """.formatted(map, normed);
    }

    /** Statements that take x through a layer. */
    private String layer(ScriptBuilder program, int layer) {
        StringBuilder body = new StringBuilder();
        for (int index = 0; index < blocks.get(layer); index++) {
            int stride = layer > 0 && index == 0 ? 2 : 1;
            writeBlock(program, layer, index, stride);
            body.append("x = self.").append(function(layer, index)).append("(p, x)\n");
        }
        return body.toString();
    }

    private void writeBlock(ScriptBuilder program, int layer, int index, int stride) {
        String in = blockName(layer, index);
        String shortcut = isProjected(layer, index)
                ? program.batchNorm(in + ".downsample.1", program.convolution(in + ".downsample.0", "x", stride, 0))
                : "x";
        String inner = block == Block.BASIC
                ? """
                y = torch.relu_(%s)
                y = %s
                """.formatted(
                                program.batchNorm(in + ".bn1", program.convolution(in + ".conv1", "x", stride, 1)),
                                program.batchNorm(in + ".bn2", program.convolution(in + ".conv2", "y", 1, 1)))
                : """
                y = torch.relu_(%s)
                y = torch.relu_(%s)
                y = %s
                """.formatted(
                                program.batchNorm(in + ".bn1", program.convolution(in + ".conv1", "x", 1, 0)),
                                program.batchNorm(in + ".bn2", program.convolution(in + ".conv2", "y", stride, 1)),
                                program.batchNorm(in + ".bn3", program.convolution(in + ".conv3", "y", 1, 0)));
        program.function(
                function(layer, index),
                "x: Tensor",
                "Tensor",
                inner + "return torch.relu_(torch.add_(y, %s))\n".formatted(shortcut));
    }

    private String blockName(int layer, int index) {
        return name + ".layer" + (layer + 1) + "." + index;
    }

    private static String function(int layer, int index) {
        return "layer" + (layer + 1) + "_" + index;
    }
}
