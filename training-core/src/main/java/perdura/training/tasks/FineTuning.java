package perdura.training.tasks;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.List;
import java.util.Locale;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;

/** Parameters of the tasks that train an encoder with all of its weights, and what they mean. */
public final class FineTuning {
    private static final String IMAGE_SIZE = "imageSize";
    private static final String ALGORITHM = "optimizer.algorithm";
    private static final String WEIGHT_DECAY = "optimizer.weightDecay";

    private FineTuning() {}

    public static ParameterSchema imageSize() {
        return optional(IMAGE_SIZE, ClassifierSchema.COUNT, 224, "side of the images, as the data set was ingested");
    }

    public static List<ParameterSchema> optimizer() {
        return List.of(
                optional(
                        ALGORITHM,
                        new ParameterType.Word(List.of("adam", "adamw")),
                        "adam",
                        "rule of the weight decay"),
                optional(WEIGHT_DECAY, ParameterType.Real.notNegative(), 1e-6, "of all weights"));
    }

    /**
     * The side of the images, which must be that of the data set.
     *
     * @param name how messages call the data set
     * @throws PerduraException INVALID_SPEC
     */
    public static int imageSize(TaskInput input, DataSet data, String name) {
        int wanted = input.count(IMAGE_SIZE);
        int ingested = data.header().imageSize();
        if (wanted != ingested) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    IMAGE_SIZE + " is " + wanted + ", but " + name + " was ingested with " + ingested
                            + "; ingest it with --image-size " + wanted + ", or set " + IMAGE_SIZE + ": " + ingested);
        }
        return wanted;
    }

    /** Adam's constants are PyTorch's. */
    public static OptimizerSpec optimizer(TaskInput input) {
        return new OptimizerSpec(
                OptimizerSpec.Algorithm.valueOf(input.word(ALGORITHM).toUpperCase(Locale.ROOT)),
                0.9,
                0.999,
                1e-8,
                input.real(WEIGHT_DECAY),
                null);
    }
}
