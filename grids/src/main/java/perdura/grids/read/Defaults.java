package perdura.grids.read;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The YAML documents beside this class, which hold every default, one for each method and profile. */
final class Defaults {
    private static final List<String> METHODS = List.of("prior");

    private Defaults() {}

    /**
     * The user's document, with what it lacks taken from the defaults of its method and profile. A stage of the user takes
     * what it lacks from the default's stage of its number, or of its place where it has none.
     */
    static SpecNode.Mapping under(SpecNode.Mapping document) {
        String method = word(document, "method", METHODS);
        String profile = profile(document);
        SpecNode.Mapping defaults = load(method + "-" + profile + ".yaml");
        SpecNode.Mapping complete = document.over(defaults);
        SpecNode.Mapping.Entry stages = complete.entries().get("stages");
        if (stages != null && stages.value() instanceof SpecNode.Sequence list) {
            List<SpecNode> completed = new ArrayList<>();
            for (SpecNode item : list.items()) {
                completed.add(
                        item instanceof SpecNode.Mapping stage
                                ? stage.over(stageDefaults(defaults, stage, completed.size() + 1))
                                : item);
            }
            return complete.with(
                    "stages",
                    new SpecNode.Mapping.Entry(stages.keyPlace(), new SpecNode.Sequence(list.place(), completed)));
        }
        return complete;
    }

    /** The user's sweep, with what it lacks taken from the defaults of all sweeps. */
    static SpecNode.Mapping underSweep(SpecNode.Mapping document) {
        return document.over(load("sweep.yaml"));
    }

    /** A wrong word is reported by the reader; any defaults help to find further problems. */
    private static String word(SpecNode.Mapping document, String key, List<String> known) {
        SpecNode.Mapping.Entry entry = document.entries().get(key);
        return entry != null && entry.value() instanceof SpecNode.Scalar scalar && known.contains(scalar.text())
                ? scalar.text()
                : known.get(0);
    }

    private static String profile(SpecNode.Mapping document) {
        SpecNode.Mapping.Entry entry = document.entries().get("profile");
        if (entry != null && entry.value() instanceof SpecNode.Scalar scalar) {
            String profile = PretrainFields.profile(scalar.text());
            if (PretrainFields.PROFILES.contains(profile)) {
                return profile;
            }
        }
        return PretrainFields.PROFILES.get(0);
    }

    /** @param place of the stage in the user's plan, from 1 */
    private static SpecNode.Mapping stageDefaults(SpecNode.Mapping defaults, SpecNode.Mapping stage, int place) {
        SpecNode.Mapping.Entry number = stage.entries().get("stage");
        long wanted = number != null && number.value() instanceof SpecNode.Scalar scalar
                ? Fields.integer(scalar).orElse((long) place)
                : place;
        SpecNode.Mapping.Entry stages = defaults.entries().get("stages");
        if (stages != null && stages.value() instanceof SpecNode.Sequence list) {
            int index =
                    Math.toIntExact(Math.max(1, Math.min(wanted, list.items().size()))) - 1;
            if (list.items().get(index) instanceof SpecNode.Mapping found) {
                return found;
            }
        }
        return new SpecNode.Mapping(defaults.place(), Map.of());
    }

    private static SpecNode.Mapping load(String name) {
        try (InputStream in = Defaults.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the defaults " + name + " are not in the jar");
            }
            Problems problems = new Problems();
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            SpecNode.Mapping defaults =
                    YamlText.parseDocument(Place.start(Place.Origin.DEFAULTS, name), text, problems);
            problems.throwIfAny();
            return defaults;
        } catch (IOException e) {
            throw new IllegalStateException("the defaults " + name + " can't be read", e);
        }
    }
}
