package perdura.grids.read;

import static perdura.grids.codec.Codecs.real;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Field.field;

import java.util.List;
import java.util.Map;
import perdura.grids.codec.Field;
import perdura.grids.codec.MethodSchema;
import perdura.grids.codec.RecordCodec;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.ParameterType.Real;

/** A method with two keys: its part of a spec. Its defaults lie beside it, in {@code defaults.yaml} and {@code little.yaml}. */
record ToyMethod(int width, double temperature) implements MethodSpec {
    static final Field<Integer> WIDTH =
            field("width", whole(1, 64)).means("of the joint space").formerly("dim");
    static final Field<Double> TEMPERATURE = field("temperature", real(Real.positiveUpTo(1)))
            .means("of the contrast")
            .published(0.5);

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public List<Stage> stages() {
        return List.of(new Stage() {
            @Override
            public int stage() {
                return 1;
            }

            @Override
            public int epochs() {
                return 2;
            }
        });
    }

    static MethodSchema<ToyMethod> schema() {
        return schema(WIDTH, TEMPERATURE);
    }

    static MethodSchema<ToyMethod> schema(Field<?> width, Field<?> temperature) {
        return new MethodSchema<>(
                "toy", 1, RecordCodec.of(ToyMethod.class, width, temperature), List.of("little"), Map.of());
    }
}
