package perdura.grids.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where a spec leaves the method for what small data needs (prior.md 3): the options that the profile {@code paper} has off. Sizes, rates
 * and epochs are no deviations.
 */
public final class Deviations {
    private static final int MIN_SENTENCES = 4;
    private static final double TAU = 0.01;
    private static final double DROPOUT = 0.1;

    private Deviations() {}

    /** Each as the spec's key, its value, and the method's; empty if the method is kept. */
    public static List<String> of(PretrainSpec spec) {
        List<String> found = new ArrayList<>();
        ModelSpec model = spec.model();
        DataSpec.Source source = spec.data().source();
        if (source != null && source.minSentences() != MIN_SENTENCES) {
            found.add("data.minSentences " + source.minSentences() + " (PRIOR: " + MIN_SENTENCES + ")");
        }
        if (model.tau() != TAU) {
            found.add("model.tau " + model.tau() + " (PRIOR: " + TAU + ")");
        }
        if (model.dropout() != DROPOUT) {
            found.add("model.dropout " + model.dropout() + " (PRIOR: " + DROPOUT + ")");
        }
        if (model.spb().init() != SpbSpec.Init.GAUSSIAN_L1) {
            found.add("model.spb.init " + word(model.spb().init()) + " (PRIOR: gaussian-l1)");
        }
        if (model.spb().query() != SpbSpec.Query.SOFT) {
            found.add("model.spb.query " + word(model.spb().query()) + " (PRIOR: soft)");
        }
        if (!spec.augment().hflip()) {
            found.add("augment.hflip false (PRIOR: true)");
        }
        spec.stages().forEach(stage -> addOf(stage, found));
        return found;
    }

    private static void addOf(StageSpec stage, List<String> found) {
        String prefix = "stage " + stage.stage() + " ";
        addWeight(prefix, "crossImage", stage.lossWeights().crossImage(), found);
        addWeight(prefix, "crossPatch", stage.lossWeights().crossPatch(), found);
        factors(stage.learningRateFactors()).forEach((module, factor) -> {
            if (factor != 1) {
                found.add(prefix + "learningRateFactors." + module + " " + factor + " (PRIOR: 1)");
            }
        });
    }

    private static void addWeight(String prefix, String term, double weight, List<String> found) {
        if (weight != 0) {
            found.add(prefix + "lossWeights." + term + " " + weight + " (PRIOR: 0)");
        }
    }

    private static Map<String, Double> factors(LearningRateFactors factors) {
        Map<String, Double> byModule = new LinkedHashMap<>();
        byModule.put("image", factors.image());
        byModule.put("text", factors.text());
        byModule.put("projection", factors.projection());
        byModule.put("lam", factors.lam());
        byModule.put("spb", factors.spb());
        byModule.put("ccr", factors.ccr());
        byModule.put("scales", factors.scales());
        return byModule;
    }

    private static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
