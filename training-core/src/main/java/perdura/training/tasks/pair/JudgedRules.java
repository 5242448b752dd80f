package perdura.training.tasks.pair;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The rule that is asked for, and beside it those that the sources disagree on, each with what is appended to its metrics. */
final class JudgedRules {
    private JudgedRules() {}

    /** The rule itself without a suffix, then the other local weights among 1, 0.5 and 0. */
    static Map<String, ScoreRule> around(ScoreRule main) {
        Map<String, ScoreRule> rules = new LinkedHashMap<>();
        rules.put("", main);
        put(rules, main, 1, "_w1");
        put(rules, main, 0.5, "_w0.5");
        put(rules, main, 0, "_w0");
        return Collections.unmodifiableMap(rules);
    }

    private static void put(Map<String, ScoreRule> rules, ScoreRule main, double weight, String suffix) {
        if (main.localWeight() != weight) {
            rules.put(suffix, new ScoreRule(main.scale(), weight));
        }
    }
}
