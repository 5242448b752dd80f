package perdura.grids.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Leaf;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;

/**
 * The keys of specs that decide a pre-training, as parameters of a task: what a sweep can vary. Where methods have the same key, a value that
 * is right for one of them is right here; the spec itself is checked when it is built.
 */
public final class PretrainParameters {
    public static final String METHOD = "pretrain.method";
    public static final String PROFILE = "pretrain.profile";

    private static final String PREFIX = "pretrain.";

    private final Map<String, Setting> byPath = new LinkedHashMap<>();
    private final List<String> methods;
    private final List<String> profiles = new ArrayList<>();

    /** @param key where a spec has it */
    private record Setting(String key, ParameterType type, String meaning, @Nullable String formerPath) {}

    PretrainParameters(Map<String, PretrainSpecs.Known> known) {
        this.methods = List.copyOf(known.keySet());
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
                new Setting(key, type, leaf.meaning(), former),
                (one, other) -> new Setting(key, one.type.joined(other.type), one.meaning, one.formerPath));
    }

    /** All of them, the method and the profile first. One that is null is as the profile says. */
    public List<ParameterSchema> schemas() {
        List<ParameterSchema> all = new ArrayList<>();
        all.add(ParameterSchema.optional(
                METHOD, new ParameterType.Word(methods), methods.get(0), "by which the encoder is trained"));
        all.add(ParameterSchema.optional(
                PROFILE,
                new ParameterType.Word(profiles),
                profiles.get(profiles.size() - 1),
                "the defaults of the pre-training; parameters of it that are null are as this says"));
        byPath.forEach((path, setting) -> {
            ParameterSchema schema =
                    ParameterSchema.nullable(path, setting.type, setting.meaning + "; null: as the profile says");
            all.add(setting.formerPath == null ? schema : schema.formerly(setting.formerPath));
        });
        return all;
    }

    /** What the parameters of a trial say that the profile does not, each {@code path=value} of a spec. */
    public List<String> settings(Parameters parameters) {
        List<String> settings = new ArrayList<>();
        for (String path : new TreeSet<>(byPath.keySet())) {
            Object value = parameters.value(path);
            if (value != null) {
                settings.add(Objects.requireNonNull(byPath.get(path)).key + "=" + value);
            }
        }
        return settings;
    }
}
