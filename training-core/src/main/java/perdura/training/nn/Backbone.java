package perdura.training.nn;

import java.util.List;

/**
 * The image backbone (prior.md 2.2): torchvision's bottleneck ResNet without classifier. Its function {@code backbone}
 * takes [B, channels, H, W] to [B, 32 * width, H/32, W/32].
 *
 * @param name prefix of its parameters
 * @param blocks bottleneck blocks of the four layers
 * @param width channels of the first convolution
 * @param channels of the image: 1 where it is grey, or 3
 */
public record Backbone(String name, List<Integer> blocks, int width, int channels) {
    private static final int EXPANSION = 4;

    /** A backbone for grey images. */
    public Backbone(String name, List<Integer> blocks, int width) {
        this(name, blocks, width, 1);
    }

    public void declare(StateDictLayout layout) {
        layout.convolution(name + ".conv1", channels, width, 7, fanOut(width, 7));
        layout.batchNorm(name + ".bn1", width);
        int in = width;
        for (int layer = 0; layer < blocks.size(); layer++) {
            int inner = width << layer;
            for (int block = 0; block < blocks.get(layer); block++) {
                declareBlock(layout, blockName(layer, block), in, inner);
                in = inner * EXPANSION;
            }
        }
    }

    private static void declareBlock(StateDictLayout layout, String block, int in, int inner) {
        int out = inner * EXPANSION;
        layout.convolution(block + ".conv1", in, inner, 1, fanOut(inner, 1));
        layout.batchNorm(block + ".bn1", inner);
        layout.convolution(block + ".conv2", inner, inner, 3, fanOut(inner, 3));
        layout.batchNorm(block + ".bn2", inner);
        layout.convolution(block + ".conv3", inner, out, 1, fanOut(out, 1));
        layout.batchNorm(block + ".bn3", out);
        if (block.endsWith(".0")) {
            layout.convolution(block + ".downsample.0", in, out, 1, fanOut(out, 1));
            layout.batchNorm(block + ".downsample.1", out);
        }
    }

    /** torch.nn.init.kaiming_normal_ with mode fan_out for ReLU. */
    private static Init fanOut(int out, int side) {
        return Init.normal(Math.sqrt(2.0 / ((double) out * side * side)));
    }

    public void write(ScriptBuilder program) {
        StringBuilder body = new StringBuilder(
                """
                x = torch.relu_(%s)
                x = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])
                """.formatted(program.batchNorm(name + ".bn1", program.convolution(name + ".conv1", "x", 2, 3))));
        for (int layer = 0; layer < blocks.size(); layer++) {
            for (int block = 0; block < blocks.get(layer); block++) {
                int stride = layer > 0 && block == 0 ? 2 : 1;
                writeBlock(program, layer, block, stride);
                body.append("x = self.").append(function(layer, block)).append("(p, x)\n");
            }
        }
        program.function("backbone", "x: Tensor", "Tensor", body + "return x\n");
    }

    private void writeBlock(ScriptBuilder program, int layer, int block, int stride) {
        String in = blockName(layer, block);
        String shortcut = block == 0
                ? program.batchNorm(in + ".downsample.1", program.convolution(in + ".downsample.0", "x", stride, 0))
                : "x";
        program.function(function(layer, block), "x: Tensor", "Tensor", """
                y = torch.relu_(%s)
                y = torch.relu_(%s)
                y = %s
                return torch.relu_(torch.add_(y, %s))
                """.formatted(
                        program.batchNorm(in + ".bn1", program.convolution(in + ".conv1", "x", 1, 0)),
                        program.batchNorm(in + ".bn2", program.convolution(in + ".conv2", "y", stride, 1)),
                        program.batchNorm(in + ".bn3", program.convolution(in + ".conv3", "y", 1, 0)),
                        shortcut));
    }

    private String blockName(int layer, int block) {
        return name + ".layer" + (layer + 1) + "." + block;
    }

    private static String function(int layer, int block) {
        return "layer" + (layer + 1) + "_" + block;
    }
}
