package perdura.training.model;

import java.util.List;

/**
 * Parameters of the image decoder (prior.md 2.8): five blocks of two 3x3 convolutions with BatchNorm, then a 3x3 head.
 * Stage 1 leaves them untouched.
 *
 * @param name prefix of its parameters
 * @param dim width of a patch; the first block reads twice that
 * @param channels outputs of the blocks
 */
record ImageDecoder(String name, int dim, List<Integer> channels) {
    void declare(Layout layout) {
        int in = 2 * dim;
        for (int i = 0; i < channels.size(); i++) {
            int out = channels.get(i);
            String block = name + ".blocks." + i;
            layout.convolution(block + ".conv1", in, out, 3, Init.fanIn(9L * in));
            layout.batchNorm(block + ".bn1", out);
            layout.convolution(block + ".conv2", out, out, 3, Init.fanIn(9L * out));
            layout.batchNorm(block + ".bn2", out);
            in = out;
        }
        layout.convolution(name + ".head", in, 1, 3, Init.fanIn(9L * in));
        layout.parameter(name + ".head.bias", Init.fanIn(9L * in), 1);
    }
}
