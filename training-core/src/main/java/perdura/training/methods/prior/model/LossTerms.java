package perdura.training.methods.prior.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;
import perdura.training.methods.prior.spec.StageSpec.Module;

/**
 * The loss terms of a stage with their weights (prior.md 2.9), in the order in which they are added up. A term of weight 0 or
 * of a module that is off is not there.
 */
record LossTerms(Map<String, Double> weights) {
    private static final List<String> OF_REPORT = List.of("spg", "kl", "gpa");
    /** The terms that compare samples with each other. */
    private static final Map<String, Comparison> MIXED = Map.of(
            "global", new Comparison(List.of("v_g", "t_g"), "self.global_loss(p, v_g, t_g)"),
            "cross_image", new Comparison(List.of("v", "s"), "self.cross_image(p, v, s, valid)"),
            "cross_patch", new Comparison(List.of("v", "s"), "self.cross_patch(p, v, s, valid)"),
            "gpa", new Comparison(List.of("t_y", "t_g"), "self.global_loss(p, t_y, t_g)"));

    /**
     * How samples are compared.
     *
     * @param embeddings what is compared, by the names of the forward pass
     * @param expression the loss
     */
    private record Comparison(List<String> embeddings, String expression) {}

    /** The loss of a term of {@link #mixed}, over a whole batch. */
    static String comparison(String term) {
        return Objects.requireNonNull(MIXED.get(term), term).expression();
    }

    static final LossTerms NONE = new LossTerms(Map.of());

    LossTerms {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    static LossTerms of(StageSpec stage) {
        LossWeights weights = stage.lossWeights();
        boolean lam = stage.has(Module.LAM);
        boolean ccr = stage.has(Module.CCR);
        Map<String, Double> terms = new LinkedHashMap<>();
        terms.put("global", weights.global());
        terms.put("r2i", lam ? weights.r2i() : 0);
        terms.put("i2r", lam ? weights.i2r() : 0);
        terms.put("proto", stage.has(Module.SPB) ? weights.proto() : 0);
        terms.put("img", ccr ? weights.img() : 0);
        terms.put("cross_image", lam ? weights.crossImage() : 0);
        terms.put("cross_patch", lam ? weights.crossPatch() : 0);
        terms.put("spg", ccr ? weights.spg() : 0);
        terms.put("kl", ccr ? weights.kl() : 0);
        terms.put("gpa", ccr ? weights.gpa() : 0);
        terms.values().removeIf(weight -> weight == 0);
        return new LossTerms(terms);
    }

    /** Those that compare samples with each other; all others are means of what each sample gives alone. */
    LossTerms mixed() {
        return only(MIXED::containsKey);
    }

    /** Those to which each sample gives its part alone. */
    LossTerms own() {
        return only(term -> !MIXED.containsKey(term));
    }

    private LossTerms only(Predicate<String> wanted) {
        Map<String, Double> some = new LinkedHashMap<>(weights);
        some.keySet().removeIf(wanted.negate());
        return new LossTerms(some);
    }

    /** What the terms that compare samples compare, by the names of the forward pass. */
    List<String> embeddings() {
        return mixed().weights.keySet().stream()
                .flatMap(term -> Objects.requireNonNull(MIXED.get(term)).embeddings().stream())
                .distinct()
                .toList();
    }

    boolean has(String term) {
        return weights.containsKey(term);
    }

    double weight(String term) {
        return weights.getOrDefault(term, 0.0);
    }

    /** Those that need no matching. */
    List<String> beforeMatching() {
        return weights.keySet().stream()
                .filter(term -> !OF_REPORT.contains(term))
                .toList();
    }

    /** Those of the predicted prototypes, after the matching. */
    List<String> afterMatching() {
        return weights.keySet().stream().filter(OF_REPORT::contains).toList();
    }

    boolean generates() {
        return !afterMatching().isEmpty();
    }

    /** Whether S^ is needed. */
    boolean seesPatchEvidence() {
        return has("r2i") || has("img");
    }

    /** Whether V is needed. */
    boolean seesPatches() {
        return seesPatchEvidence() || has("i2r") || has("cross_image") || has("cross_patch") || generates();
    }

    /** Whether t_g is needed. */
    boolean poolsReports() {
        return has("global") || has("gpa");
    }
}
