package perdura.training.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import perdura.training.checkpoint.HostTensor;

/**
 * The first convolution of an image encoder for another number of image channels. From three to one its kernels are summed
 * (prior.md 2.2), from one to three each gets a third: either way a grey image, repeated in three channels where three are
 * wanted, gives the same features.
 */
final class FirstConvolution {
    /** Its name without a prefix. */
    static final String NAME = "conv1.weight";

    private FirstConvolution() {}

    /**
     * @param kernel [width, 1 or 3, 7, 7], F32
     * @param channels 1 or 3
     */
    static HostTensor fit(HostTensor kernel, int channels) {
        int has = kernel.shape().get(1).intValue();
        if (has == channels) {
            return kernel;
        }
        List<Long> shape = List.of(
                kernel.shape().get(0),
                (long) channels,
                kernel.shape().get(2),
                kernel.shape().get(3));
        int filters = shape.get(0).intValue();
        int cells = (int) (shape.get(2) * shape.get(3));
        ByteBuffer from = kernel.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer to =
                ByteBuffer.allocate(Float.BYTES * filters * channels * cells).order(ByteOrder.LITTLE_ENDIAN);
        for (int filter = 0; filter < filters; filter++) {
            for (int cell = 0; cell < cells; cell++) {
                float sum = 0;
                for (int channel = 0; channel < has; channel++) {
                    sum += from.getFloat(Float.BYTES * ((filter * has + channel) * cells + cell));
                }
                for (int channel = 0; channel < channels; channel++) {
                    to.putFloat(Float.BYTES * ((filter * channels + channel) * cells + cell), sum / channels);
                }
            }
        }
        return new HostTensor(kernel.name(), kernel.type(), shape, to);
    }
}
