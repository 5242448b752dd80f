package perdura.toy;

import static perdura.grids.codec.Codecs.numbered;
import static perdura.grids.codec.Codecs.real;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Codecs.wholes;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;

import java.util.List;
import java.util.Map;
import perdura.grids.codec.MethodSchema;
import perdura.grids.codec.RecordCodec;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResnetSpec;

/**
 * What a pre-training by the toy method says of the method.
 *
 * @param dim joint width of images and reports
 * @param centred whether the mean image of each epoch's begin is taken away, which epochs have to be prepared for
 */
record ToySpec(int imageSize, int textLength, int dim, ResnetSpec resnet, boolean centred, List<Phase> stages)
        implements MethodSpec {
    /** A stage is some epochs at a rate. */
    record Phase(int stage, int epochs, double learningRate) implements MethodSpec.Stage {}

    private static final RecordCodec<ResnetSpec> RESNET = RecordCodec.of(
            ResnetSpec.class,
            field("blocks", wholes(4, 1, 100)).means("bottleneck blocks of the four layers"),
            field("width", whole(1, 1024)).means("channels of the first convolution"));

    private static final RecordCodec<Phase> PHASE = RecordCodec.of(
            Phase.class,
            field("stage", whole(1, 9)).means("number of the stage; ascending"),
            field("epochs", whole(1, 10_000)).means("passes over the data"),
            field("learningRate", real(ParameterType.Real.positive())).means("of every step"));

    static final MethodSchema<ToySpec> SCHEMA = new MethodSchema<>(
            "toy",
            1,
            RecordCodec.of(
                    ToySpec.class,
                    field("imageSize", whole(32, 512)).means("side of the square input, pixels"),
                    field("textLength", whole(3, 512)).means("pieces of a report"),
                    field("dim", whole(1, 1024)).means("joint width of images and reports"),
                    part("resnet", RESNET).prefixed(),
                    field("centred").means("whether an epoch's mean image is taken away"),
                    field("stages", numbered("stage", PHASE)).means("the plan")),
            List.of("tiny"),
            Map.of());

    ToySpec {
        stages = List.copyOf(stages);
    }

    static ToySpec of(PretrainSpec spec) {
        return (ToySpec) spec.method();
    }

    @Override
    public String name() {
        return SCHEMA.name();
    }
}
