package perdura.grids.read;

import static perdura.grids.codec.Codecs.anyLong;
import static perdura.grids.codec.Codecs.orNull;
import static perdura.grids.codec.Codecs.text;
import static perdura.grids.codec.Codecs.textByKey;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Codec;
import perdura.grids.codec.Codecs;
import perdura.grids.codec.Field;
import perdura.grids.codec.Field.Part;
import perdura.grids.codec.Reading;
import perdura.grids.codec.RecordCodec;
import perdura.grids.codec.SpecNode;
import perdura.grids.codec.YamlText;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.TrialSpec;

/** A {@link ResolvedTrial} as canonical JSON, as the store keeps it. */
public final class ResolvedTrialJson {
    private static final Codec<String> TEXT = text("(?s).*", "a text");

    private static final RecordCodec<TrialSpec> SPEC = RecordCodec.of(
            TrialSpec.class,
            field("task", TEXT).means("what it does"),
            field("taskVersion", whole(1, Integer.MAX_VALUE)).means("of the task's code"),
            part("parameters", new ByPath()),
            field("seed", anyLong()).means("of the trial"));

    private static final RecordCodec<ResolvedTrial> CODEC = RecordCodec.of(
                    ResolvedTrial.class,
                    part("spec", SPEC),
                    field("references", textByKey()).means("what stands behind names, by path"),
                    field("parent", orNull(TEXT)).means("identity of the weights"),
                    part("resources", SharedFields.RESOURCES),
                    part("retry", SweepCodec.RETRY))
            .headed("kind", "Trial");

    private ResolvedTrialJson() {}

    /** The whole trial. {@link #read} gives an equal one. */
    public static String write(ResolvedTrial trial) {
        return CanonicalJson.write(CODEC.write(trial));
    }

    /** @throws PerduraException INTERNAL for what {@link #write} did not write */
    public static ResolvedTrial read(String text) {
        ResolvedTrial trial = IngestSpecJson.stored(YamlText.ofStored("stored trial", text), CODEC);
        if (!write(trial).equals(text)) {
            throw new PerduraException(
                    ErrorCode.INTERNAL, "the store holds a trial that is not written as it would be");
        }
        return trial;
    }

    /** Parameters by path. As JSON makes no difference between 1 and 1.0, {@code reals} names those that are no integers. */
    private static final class ByPath implements Part<Parameters> {
        private static final String VALUES = "parameters";
        private static final String REALS = "reals";
        private static final Codec<List<String>> PATHS =
                Codecs.distinct(new ParameterType.Text(".+", "the path of a parameter"));

        @Override
        public Parameters read(SpecNode.Mapping mapping, Reading at, String prefix) {
            SpecNode reals = mapping.find(REALS).orElse(mapping);
            List<String> paths = PATHS.read(reals, at.below(REALS));
            TreeMap<String, @Nullable Object> values = new TreeMap<>();
            Codecs.json()
                    .read(mapping.find(VALUES).orElse(mapping), at.below(VALUES))
                    .forEach((path, value) -> values.put(path, paths.contains(path) ? real(value) : value));
            return new Parameters(values);
        }

        private static @Nullable Object real(@Nullable Object value) {
            if (value instanceof List<?> list) {
                List<@Nullable Object> reals = new ArrayList<>();
                list.forEach(item -> reals.add(real(item)));
                return reals;
            }
            return value instanceof Long number ? (Object) number.doubleValue() : value;
        }

        @Override
        public void write(Parameters value, String prefix, boolean isIdentity, Map<String, @Nullable Object> into) {
            into.put(VALUES, value.values());
            into.put(
                    REALS,
                    value.values().entrySet().stream()
                            .filter(entry -> isReal(entry.getValue()))
                            .map(Map.Entry::getKey)
                            .toList());
        }

        private static boolean isReal(@Nullable Object value) {
            return value instanceof Double
                    || (value instanceof List<?> list && list.stream().anyMatch(ByPath::isReal));
        }

        @Override
        public void eachField(String prefix, BiConsumer<String, Field<?>> action) {
            action.accept(VALUES, Field.field(VALUES, Codecs.json()).means("values by path"));
            action.accept(REALS, Field.field(REALS, PATHS).means("those that are no integers"));
        }
    }
}
