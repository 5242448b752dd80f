package perdura.training.nn;

import java.util.ArrayList;
import java.util.List;

/**
 * A U-Net with one logit for each pixel (prior.md 4.4, sense.md 4.4); agrees with segmentation_models_pytorch's Unet. Five blocks, {@code decoder.blocks.N},
 * lead from stride 32 to the image's own size: each doubles its map, appends the encoder's map of that size, if there is one, and applies a 3x3
 * convolution, BatchNorm and ReLU twice. The head, {@code segmentationHead}, is a 3x3 convolution.
 *
 * @param decoder channels of the five blocks
 */
public record UNet(Backbone encoder, List<Integer> decoder) {
    /** Of the decoder. */
    public static final int BLOCKS = 5;

    /** Sides of images must be a multiple: each of the five maps of the encoder is half as large as the one before. */
    public static final int STRIDE = 32;

    private static final int SIDE = 3;

    public UNet {
        decoder = List.copyOf(decoder);
        if (decoder.size() != BLOCKS) {
            throw new IllegalArgumentException("a U-Net has " + BLOCKS + " decoder blocks, was given " + decoder);
        }
    }

    /** All parameters and buffers. Convolutions of the decoder begin Kaiming uniform, the head Xavier uniform. */
    public StateDictLayout layout() {
        StateDictLayout layout = new StateDictLayout();
        encoder.declare(layout);
        for (int i = 0; i < BLOCKS; i++) {
            convolution(layout, name(i), 1, channelsBefore(i) + channelsOfSkip(i), decoder.get(i));
            convolution(layout, name(i), 2, decoder.get(i), decoder.get(i));
        }
        int in = decoder.get(BLOCKS - 1);
        double bound = Math.sqrt(6.0 / (SIDE * SIDE * (in + 1.0)));
        layout.convolution("segmentationHead", in, 1, SIDE, Init.uniform(bound));
        layout.parameter("segmentationHead.bias", Init.constant(0), 1);
        return layout;
    }

    private static void convolution(StateDictLayout layout, String block, int which, int in, int out) {
        Init kaiming = Init.uniform(Math.sqrt(6.0 / (SIDE * SIDE * (double) in))); // fan in, ReLU
        layout.convolution(block + ".conv" + which, in, out, SIDE, kaiming);
        layout.batchNorm(block + ".bn" + which, out);
    }

    private int channelsBefore(int block) {
        return block == 0 ? encoder.channelsOfPyramid().get(BLOCKS - 1) : decoder.get(block - 1);
    }

    private int channelsOfSkip(int block) {
        return block == BLOCKS - 1 ? 0 : encoder.channelsOfPyramid().get(BLOCKS - 2 - block);
    }

    private static String name(int block) {
        return "decoder.blocks." + block;
    }

    /**
     * Writes {@code decode}, which takes the encoder's five maps to the list of what the blocks give, and {@code logits}, which takes images
     * [B, channels, H, W] to [B, 1, H, W].
     */
    public void write(ScriptBuilder program) {
        encoder.writePyramid(program);
        program.function(
                "join",
                "x: Tensor, skip: Tensor",
                "Tensor",
                "return torch.cat([torch.upsample_nearest2d(x, None, [2., 2.]), skip], 1)\n");
        List<String> outputs = new ArrayList<>();
        StringBuilder body = new StringBuilder("x = maps[4]\n");
        for (int i = 0; i < BLOCKS; i++) {
            String joined = i == BLOCKS - 1
                    ? "torch.upsample_nearest2d(x, None, [2., 2.])"
                    : "self.join(p, x, maps[%d])".formatted(BLOCKS - 2 - i);
            body.append("""
                    x = %s
                    x = torch.relu_(%s)
                    x = torch.relu_(%s)
                    y%d = x
                    """.formatted(joined, normed(program, i, 1), normed(program, i, 2), i));
            outputs.add("y" + i);
        }
        program.function("decode", "maps: List[Tensor]", "List[Tensor]", body + "return " + outputs + "\n");
        program.function(
                "head",
                "x: Tensor",
                "Tensor",
                "return torch.conv2d(x, %s, %s, [1, 1], [1, 1])\n"
                        .formatted(
                                program.parameter("segmentationHead.weight"),
                                program.parameter("segmentationHead.bias")));
        program.function("logits", "x: Tensor", "Tensor", """
                blocks = self.decode(p, self.pyramid(p, x))
                return self.head(p, blocks[4])
                """);
    }

    private static String normed(ScriptBuilder program, int block, int which) {
        return program.batchNorm(
                name(block) + ".bn" + which, program.convolution(name(block) + ".conv" + which, "x", 1, 1));
    }
}
