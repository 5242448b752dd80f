package perdura.grids.codec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.MethodSpec;

/**
 * What a method of pre-training tells of its spec.
 *
 * @param <S> its part of the spec
 * @param name letters, digits and dashes
 * @param version raised when the code changes what a spec computes; at least 1
 * @param codec of the method's keys, which stand at the top of the document, beside those that all methods have
 * @param profiles in the order in which people should see them
 * @param published values of keys that all methods have, by path, where the method's authors say one: others are deviations
 */
public record MethodSchema<S extends Record & MethodSpec>(
        String name, int version, RecordCodec<S> codec, List<String> profiles, Map<String, Object> published) {
    public MethodSchema {
        profiles = List.copyOf(profiles);
        published = new LinkedHashMap<>(published);
    }

    /**
     * What a profile says: the document {@code PROFILE.yaml} beside the class of the method's part over {@code defaults.yaml}, which all
     * profiles share. What all methods share is not in it.
     */
    public SpecNode.Mapping defaults(String profile) {
        if (!profiles.contains(profile)) {
            throw new IllegalArgumentException("the method " + name + " has no profile " + profile);
        }
        SpecNode.Mapping shared = YamlText.ofResource(codec.type(), "defaults.yaml");
        return (SpecNode.Mapping) codec.over(YamlText.ofResource(codec.type(), profile + ".yaml"), shared);
    }
}
