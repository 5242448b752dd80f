package perdura.training.methods.prior.model;

import java.util.List;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;

/**
 * The image decoder (prior.md 2.8): five blocks of nearest resizing by 2 and two 3x3 convolutions with BatchNorm and ReLU,
 * then a 3x3 head. {@code hide} takes patches [B, P, dim] and keep (1 or 0; [B, dim] for channels, [B, P] for cells) to the
 * patches with the survivors scaled by 1/(1 - p). {@code image_decoder} takes patches and evidence [B, P, dim] to images
 * [B, 1, H, W]; no gradient leaves it if the patches are detached.
 *
 * @param name prefix of its parameters
 * @param dim width of a patch; the first block reads twice that
 * @param grid patches on a side
 * @param channels outputs of the blocks
 */
record ImageDecoder(String name, int dim, int grid, List<Integer> channels, CcrSpec spec) {
    void declare(StateDictLayout layout) {
        int in = 2 * dim;
        for (int i = 0; i < channels.size(); i++) {
            int out = channels.get(i);
            String block = block(i);
            layout.convolution(block + ".conv1", in, out, 3, Init.fanIn(9L * in));
            layout.batchNorm(block + ".bn1", out);
            layout.convolution(block + ".conv2", out, out, 3, Init.fanIn(9L * out));
            layout.batchNorm(block + ".bn2", out);
            in = out;
        }
        layout.convolution(name + ".head", in, 1, 3, Init.fanIn(9L * in));
        layout.parameter(name + ".head.bias", Init.fanIn(9L * in), 1);
    }

    void write(ScriptBuilder program) {
        int keepAxis = spec.mask() == CcrSpec.Mask.CHANNEL ? 1 : 2;
        program.function(
                "hide",
                "v: Tensor, keep: Tensor",
                "Tensor",
                "return torch.mul(v, torch.div(torch.unsqueeze(keep, %d), %s))\n"
                        .formatted(keepAxis, 1 - spec.maskProbability()));
        StringBuilder body = new StringBuilder("x = torch.transpose(torch.cat([v, s_hat], 2), 1, 2)\n");
        if (spec.detachPatches()) {
            body.append("x = torch.detach(x)\n");
        }
        body.append("x = torch.unflatten(x, 2, [%d, %d])\n".formatted(grid, grid)); // [B, 2 dim, h, w]
        int side = grid;
        for (int i = 0; i < channels.size(); i++) {
            side *= 2;
            body.append("x = torch.upsample_nearest2d(x, [%d, %d])\n".formatted(side, side));
            body.append("x = ").append(unit(program, block(i), 1)).append('\n');
            body.append("x = ").append(unit(program, block(i), 2)).append('\n');
        }
        body.append("return torch.conv2d(x, %s, %s, [1, 1], [1, 1])\n"
                .formatted(program.parameter(name + ".head.weight"), program.parameter(name + ".head.bias")));
        program.function("image_decoder", "v: Tensor, s_hat: Tensor", "Tensor", body.toString());
    }

    private String unit(ScriptBuilder program, String block, int index) {
        String convolved = program.convolution(block + ".conv" + index, "x", 1, 1);
        String norm = block + ".bn" + index;
        return spec.block() == CcrSpec.Block.CONV_BN_RELU
                ? "torch.relu_(" + program.batchNorm(norm, convolved) + ")"
                : program.batchNorm(norm, "torch.relu_(" + convolved + ")");
    }

    private String block(int i) {
        return name + ".blocks." + i;
    }
}
