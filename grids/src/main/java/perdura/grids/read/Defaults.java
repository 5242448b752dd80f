package perdura.grids.read;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The YAML documents beside this class, which hold every default, one for each method and profile. */
final class Defaults {
    private static final List<String> METHODS = List.of("prior");

    private Defaults() {}

    /**
     * The user's document, with what it lacks taken from the defaults of its method and profile. Stages of the user take
     * what they lack from the default's stage.
     */
    static SpecNode.Mapping under(SpecNode.Mapping document) {
        String method = word(document, "method", METHODS);
        String profile = word(document, "profile", PretrainFields.PROFILES);
        SpecNode.Mapping defaults = load(method + "-" + profile + ".yaml");
        SpecNode.Mapping complete = document.over(defaults);
        SpecNode.Mapping.Entry stages = complete.entries().get("stages");
        if (stages != null && stages.value() instanceof SpecNode.Sequence list) {
            SpecNode.Mapping stageDefaults = firstStage(defaults);
            List<SpecNode> completed = list.items().stream()
                    .map(item -> item instanceof SpecNode.Mapping stage ? stage.over(stageDefaults) : item)
                    .toList();
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

    private static SpecNode.Mapping firstStage(SpecNode.Mapping defaults) {
        SpecNode.Mapping.Entry stages = defaults.entries().get("stages");
        if (stages != null
                && stages.value() instanceof SpecNode.Sequence list
                && list.items().get(0) instanceof SpecNode.Mapping stage) {
            return stage;
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
