package perdura.training.nn;

import java.util.List;
import perdura.grids.spec.ResnetSpec.Block;

/**
 * The image encoder of the downstream tasks: the backbone and global average pooling (prior.md 4.2, sense.md 4.2). Its
 * tensors are called {@code image.backbone.*}, as in every pre-training.
 *
 * @param block what the four layers are made of
 * @param blocks blocks of the four layers
 * @param width channels of the first convolution
 * @param channels of the images
 */
public record ImageEncoder(Block block, List<Integer> blocks, int width, int channels) {
    private static final String NAME = "image.backbone";

    /** An encoder of bottleneck blocks. */
    public ImageEncoder(List<Integer> blocks, int width, int channels) {
        this(Block.BOTTLENECK, blocks, width, channels);
    }

    public ImageEncoder {
        blocks = List.copyOf(blocks);
    }

    /** Numbers in an image's feature: 2048 for bottleneck blocks at width 64. */
    public int features() {
        return block.channels(width);
    }

    /** Its parameters and buffers. */
    public StateDictLayout layout() {
        StateDictLayout layout = new StateDictLayout();
        declare(layout);
        return layout;
    }

    /**
     * The encoder as it answers when it is frozen: its function {@code features} takes [B, channels, S, S] to
     * [B, features], with the running statistics of its BatchNorms.
     */
    public ScriptBuilder frozen() {
        ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.EVAL);
        write(program);
        return program;
    }

    /** The backbone alone, for models that take its pyramid. */
    public Backbone backbone() {
        return new Backbone(NAME, block, blocks, width, channels);
    }

    public void declare(StateDictLayout layout) {
        backbone().declare(layout);
    }

    public void write(ScriptBuilder program) {
        backbone().write(program);
        program.function(
                "features",
                "x: Tensor",
                "Tensor",
                "return torch.mean(self.backbone(p, x), [2, 3])\n"); // [B, C, h, w] -> [B, C]
    }
}
