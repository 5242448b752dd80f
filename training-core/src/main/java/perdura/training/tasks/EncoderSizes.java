package perdura.training.tasks;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.nn.ImageEncoder;

/** How large the encoder of a downstream task is. */
public final class EncoderSizes {
    /** The ResNet-50 of both papers. */
    private static final List<Integer> RESNET_50 = List.of(3, 4, 6, 3);

    private static final int RESNET_50_WIDTH = 64;

    private EncoderSizes() {}

    /**
     * The sizes that the parameters say, else those of the given weights, else ResNet-50.
     *
     * @param planes of the images of a random encoder
     * @throws PerduraException INVALID_SPEC if the parameters say others than the weights have
     */
    public static ImageEncoder of(TaskInput input, int planes) {
        List<Integer> blocks = input.countsOrNull(ClassifierSchema.BLOCKS);
        Integer width = input.countOrNull(ClassifierSchema.WIDTH);
        Optional<PretrainedEncoder> given = input.encoder(ClassifierSchema.ENCODER);
        if (given.isPresent()) {
            ImageEncoder sizes = given.get().sizes();
            requireSame(ClassifierSchema.BLOCKS, blocks, sizes.blocks(), given.get());
            requireSame(ClassifierSchema.WIDTH, width, sizes.width(), given.get());
            return sizes;
        }
        return new ImageEncoder(
                Objects.requireNonNullElse(blocks, RESNET_50),
                Objects.requireNonNullElse(width, RESNET_50_WIDTH),
                planes);
    }

    private static void requireSame(String path, @Nullable Object said, Object has, PretrainedEncoder given) {
        if (said != null && !said.equals(has)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    path + " is " + said + ", but encoder " + given.name() + " has " + has
                            + "; leave it out to take the encoder's");
        }
    }
}
