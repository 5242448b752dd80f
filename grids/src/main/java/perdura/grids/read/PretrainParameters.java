package perdura.grids.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Leaf;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.WeightLocator;

/**
 * The keys of specs that decide a pre-training, as parameters of a task: what a sweep can vary. Where methods have the same key, a value that
 * is right for one of them is right here; the spec itself is checked when it is built.
 */
public final class PretrainParameters {
    private static final String PREFIX = "pretrain.";
    private static final String METHOD = PREFIX + "method";
    private static final String PROFILE = PREFIX + "profile";
    private static final String STAGE = PREFIX + "stage";
    private static final String CHECKPOINT = PREFIX + "checkpoint";
    private static final String LAST = "last";

    private final Map<String, PretrainSpecs.Known> methods;
    private final Map<String, Setting> byPath = new LinkedHashMap<>();
    private final List<String> profiles = new ArrayList<>();

    /**
     * What parameters say of a pre-training.
     *
     * @param settings what they say that the profile does not, each {@code path=value} of a spec
     * @param stage the last one of the plan
     * @param best whether the run's best checkpoint is taken, by the method's selection metric, and not that at the stage's end
     */
    public record Choice(String method, String profile, List<String> settings, int stage, boolean best) {
        public Choice {
            settings = List.copyOf(settings);
        }
    }

    /** @param key where a spec has it */
    private record Setting(
            String key,
            ParameterType type,
            String meaning,
            @Nullable String formerPath,
            boolean isReplicate) {}

    PretrainParameters(Map<String, PretrainSpecs.Known> known) {
        this.methods = known;
        known.values().forEach(method -> {
            method.schema().profiles().stream()
                    .filter(profile -> !profiles.contains(profile))
                    .forEach(profiles::add);
            Leaf.all(method.codec()).stream().filter(Leaf::decides).forEach(leaf -> add(leaf, method.mostStages()));
        });
    }

    private void add(Leaf leaf, int stages) {
        ParameterType type = leaf.type().orElse(null);
        if (type == null || type instanceof ParameterType.Reference) {
            return; // which weights a pre-training begins with is no parameter
        }
        if (leaf.numberKey() == null) {
            put(leaf.dotted(), leaf.dotted(), leaf, type);
        } else if (leaf.path().size() > 2 || !leaf.path().get(1).equals(leaf.numberKey())) {
            String list = leaf.path().get(0);
            String below = String.join(".", leaf.path().subList(1, leaf.path().size()));
            IntStream.rangeClosed(1, stages)
                    .forEach(number -> put(
                            leaf.numberKey() + number + "." + below,
                            list + "." + (number - 1) + "." + below,
                            leaf,
                            type));
        }
    }

    private void put(String path, String key, Leaf leaf, ParameterType type) {
        String former = leaf.formerName().map(name -> PREFIX + name).orElse(null);
        byPath.merge(
                PREFIX + path,
                new Setting(key, type, leaf.meaning(), former, leaf.isReplicate()),
                (one, other) ->
                        new Setting(key, one.type.joined(other.type), one.meaning, one.formerPath, one.isReplicate));
    }

    /** All of them, the method and the profile first. One that is null is as the profile says. */
    public List<ParameterSchema> schemas() {
        List<String> names = List.copyOf(methods.keySet());
        int stages = methods.values().stream()
                .mapToInt(PretrainSpecs.Known::mostStages)
                .max()
                .orElse(1);
        List<ParameterSchema> all = new ArrayList<>();
        all.add(ParameterSchema.optional(
                METHOD, new ParameterType.Word(names), names.get(0), "by which the encoder is trained"));
        all.add(ParameterSchema.optional(
                PROFILE,
                new ParameterType.Word(profiles),
                profiles.get(profiles.size() - 1),
                "the defaults of the pre-training; parameters of it that are null are as this says"));
        all.add(ParameterSchema.nullable(
                STAGE,
                new ParameterType.Whole(1, stages),
                "the last stage of the plan, at whose end the encoder is taken; null: the profile's last"));
        all.add(ParameterSchema.optional(
                CHECKPOINT,
                new ParameterType.Word(List.of(LAST, WeightLocator.BEST)),
                LAST,
                "that of the stage's end, or the best by the method's selection metric"));
        byPath.forEach((path, setting) -> {
            ParameterSchema schema =
                    ParameterSchema.nullable(path, setting.type, setting.meaning + "; null: as the profile says");
            schema = setting.isReplicate ? schema.replicate() : schema;
            all.add(setting.formerPath == null ? schema : schema.formerly(setting.formerPath));
        });
        return all;
    }

    /** What the parameters of a trial say. */
    public Choice choose(Parameters parameters) {
        String name = String.valueOf(parameters.value(METHOD));
        String profile = String.valueOf(parameters.value(PROFILE));
        PretrainSpecs.Known method = methods.get(name);
        if (method == null) {
            throw new IllegalArgumentException("no method is called " + name);
        }
        int all = method.stages().getOrDefault(profile, method.mostStages());
        int stage = parameters.value(STAGE) instanceof Long given ? Math.toIntExact(given) : all;
        List<String> settings = new ArrayList<>();
        Leaf.all(method.codec()).stream()
                .filter(leaf -> leaf.numberKey() != null)
                .findFirst()
                .ifPresent(leaf -> settings.add(plan(leaf.path().get(0), leaf.numberKey(), stage)));
        for (String path : new TreeSet<>(byPath.keySet())) {
            Object value = parameters.value(path);
            if (value != null) {
                settings.add(Objects.requireNonNull(byPath.get(path)).key + "=" + value);
            }
        }
        boolean best = WeightLocator.BEST.equals(parameters.value(CHECKPOINT));
        return new Choice(name, profile, settings, stage, best);
    }

    /** The stages up to one, in YAML; what they lack is the profile's. */
    private static String plan(String list, @Nullable String numberKey, int stage) {
        return IntStream.rangeClosed(1, stage)
                .mapToObj(number -> "{" + numberKey + ": " + number + "}")
                .collect(Collectors.joining(", ", list + "=[", "]"));
    }
}
