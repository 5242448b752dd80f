package perdura.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import perdura.experiments.compare.ParameterTexts;

/** What a sweep asked for, read from its spec: name and text, for people. */
final class GridFacts {
    private static final int MOST_SHOWN = 24;
    private static final String SEEDS = "seeds";
    private static final Set<String> NONE = Set.of("", "null", "none", "[]", "{}");

    private final JsonNode spec;
    private final Map<String, String> facts = new LinkedHashMap<>();

    private GridFacts(JsonNode spec) {
        this.spec = spec;
    }

    /** @param spec see {@code SweepJson} */
    static Map<String, String> of(JsonNode spec) {
        GridFacts grid = new GridFacts(spec);
        grid.addAxes();
        grid.addIncluded();
        grid.add("left out", joined(spec.path("exclude"), GridFacts::parameters));
        grid.add("constraints", joined(spec.path("constraints"), JsonNode::asText));
        grid.add(SEEDS, joined(spec.path("matrix").path(SEEDS), ParameterTexts::text));
        grid.add("strategy", rule(spec.path("strategy")));
        grid.add("early stopping", rule(spec.path("earlyStopping")));
        grid.add("budget", limits(spec.path("budget")));
        return grid.facts;
    }

    private void addAxes() {
        JsonNode matrix = spec.path("matrix");
        List<String> order = new ArrayList<>();
        spec.path("axisOrder").forEach(axis -> order.add(axis.asText()));
        matrix.fieldNames().forEachRemaining(axis -> {
            if (!axis.equals(SEEDS) && !order.contains(axis)) {
                order.add(axis);
            }
        });
        for (String axis : order) {
            JsonNode own = matrix.path(axis);
            String values = joined(own.path("values"), ParameterTexts::text);
            String when = own.has("when") ? ", when " + parameters(own.path("when")) : "";
            add(axis, values + when);
        }
    }

    private void addIncluded() {
        List<String> points =
                spec.path("include").valueStream().map(GridFacts::parameters).toList();
        if (points.size() == 1) {
            add("one more point", points.get(0));
        } else if (!points.isEmpty()) {
            add("points named one by one", String.valueOf(points.size()));
        }
    }

    private void add(String name, String text) {
        if (!NONE.contains(text)) {
            facts.put(name, text);
        }
    }

    private static String rule(JsonNode rule) {
        String kind = rule.path("kind").asText();
        String rest = limits(rule);
        return rest.isEmpty() ? kind : kind + ", " + rest;
    }

    private static String limits(JsonNode rule) {
        return rule.properties().stream()
                .filter(entry ->
                        !entry.getKey().equals("kind") && !entry.getValue().isNull())
                .map(entry -> entry.getKey() + " " + ParameterTexts.text(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String parameters(JsonNode nested) {
        return ParameterTexts.of(nested).entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String joined(JsonNode list, Function<JsonNode, String> text) {
        List<String> texts = list.valueStream().map(text).toList();
        String shown = texts.stream().limit(MOST_SHOWN).collect(Collectors.joining(" | "));
        return texts.size() > MOST_SHOWN ? shown + " | and " + (texts.size() - MOST_SHOWN) + " more" : shown;
    }
}
