package perdura.grids.codec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.MethodSpec;

/**
 * What a method of pre-training tells of its spec.
 *
 * @param <S> its part of the spec
 */
public final class MethodSchema<S extends Record & MethodSpec> {
    private final String name;
    private final int version;
    private final RecordCodec<S> codec;
    private final Map<String, SpecNode.Mapping> profiles = new LinkedHashMap<>();
    private final Map<String, Object> published;

    /**
     * A method's schema. The defaults of a profile are the document {@code PROFILE.yaml} beside the given class over
     * {@code defaults.yaml}, which all profiles share, over what all methods share.
     *
     * @param name letters, digits and dashes
     * @param version raised when the code changes what a spec computes; at least 1
     * @param codec of the method's keys, which stand at the top of the document, beside those that all methods have
     * @param profiles in the order in which people should see them
     * @param published values of keys that all methods have, where the method's authors say one: others are deviations
     */
    public MethodSchema(
            String name, int version, RecordCodec<S> codec, List<String> profiles, Map<String, Object> published) {
        this.name = name;
        this.version = version;
        this.codec = codec;
        this.published = new LinkedHashMap<>(published);
        SpecNode.Mapping shared = YamlText.ofResource(codec.type(), "defaults.yaml");
        for (String profile : profiles) {
            this.profiles.put(profile, (SpecNode.Mapping)
                    codec.over(YamlText.ofResource(codec.type(), profile + ".yaml"), shared));
        }
    }

    public String name() {
        return name;
    }

    public int version() {
        return version;
    }

    public RecordCodec<S> codec() {
        return codec;
    }

    /** The names of its profiles, in order. */
    public List<String> profiles() {
        return List.copyOf(profiles.keySet());
    }

    /** What a profile says. */
    public SpecNode.Mapping defaults(String profile) {
        SpecNode.Mapping defaults = profiles.get(profile);
        if (defaults == null) {
            throw new IllegalArgumentException("the method " + name + " has no profile " + profile);
        }
        return defaults;
    }

    /** The published values of keys that all methods have, by path. */
    public Map<String, Object> published() {
        return published;
    }
}
