package perdura.training.methods.prior;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.OnceEvent;
import perdura.training.method.StagePlan;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;

/**
 * What the losses alone don't tell: at the end of an epoch, whether the global loss is that of chance, and whether the
 * prototypes are all alike to the sentences. Both are normal at the start of a stage, so no epoch before 500 steps of it
 * is judged, but for the last one.
 *
 * @param batchSize B; chance is ln B
 * @param prototypes K; alike means a weight of 1/K
 */
record StageHealth(int batchSize, int prototypes) {
    static final String GLOBAL_AT_CHANCE = "warning/global_loss_at_chance";
    static final String PROTOTYPES_UNIFORM = "warning/prototypes_uniform";

    private static final Logger LOG = LoggerFactory.getLogger(StageHealth.class);
    private static final long STEPS_BEFORE_JUDGING = 500;
    /** Share of ln B above which the mean global loss counts as chance. */
    private static final double CHANCE = 0.98;
    /** Times 1/K below which the mean greatest weight counts as uniform. */
    private static final double UNIFORM = 2;

    /**
     * The judgement, 1 for a warning and 0 for none; a warning is logged too. Empty where it is too early.
     *
     * @param place of the epoch's last step
     * @param means of the epoch, as {@link EpochTotals#means} has them
     */
    Map<String, Double> judge(StagePlan.Place<StageSpec> place, Map<String, Double> means) {
        Map<String, Double> judgement = new LinkedHashMap<>();
        if (!isEarly(place)) {
            if (place.stage().lossWeights().global() > 0) {
                judgement.put(GLOBAL_AT_CHANCE, isAtChance(means) ? 1.0 : 0.0);
            }
            if (place.stage().has(Module.SPB)) {
                judgement.put(PROTOTYPES_UNIFORM, areUniform(means) ? 1.0 : 0.0);
            }
            warnings(place, means).forEach(event -> LOG.warn("{}", event.detail()));
        }
        return judgement;
    }

    /** The same judgement as events, once for each stage; none where all is well. */
    List<OnceEvent> warnings(StagePlan.Place<StageSpec> place, Map<String, Double> means) {
        List<OnceEvent> warnings = new ArrayList<>();
        if (isEarly(place)) {
            return warnings;
        }
        String stage = "stage " + place.stage().stage();
        String where = stage + ", epoch " + place.epoch() + ": ";
        if (place.stage().lossWeights().global() > 0 && isAtChance(means)) {
            warnings.add(new OnceEvent(
                    "GLOBAL_LOSS_AT_CHANCE",
                    stage,
                    where + "the global loss is " + figure(means, EpochTotals.GLOBAL) + ", that of chance (ln "
                            + batchSize + "): images and reports are not told apart"));
        }
        if (place.stage().has(Module.SPB) && areUniform(means)) {
            warnings.add(new OnceEvent(
                    "PROTOTYPES_UNIFORM",
                    stage,
                    where + "the greatest prototype weight of a sentence is " + figure(means, EpochTotals.WEIGHT)
                            + " on average, near 1/" + prototypes
                            + ": the bank does not tell sentences apart; model.spb.init: sentence-kmeans may help"));
        }
        return warnings;
    }

    private static boolean isEarly(StagePlan.Place<StageSpec> place) {
        return !place.endsStage() && place.stepInStage() < STEPS_BEFORE_JUDGING;
    }

    private boolean isAtChance(Map<String, Double> means) {
        return means.getOrDefault(EpochTotals.GLOBAL, 0.0) >= CHANCE * Math.log(batchSize);
    }

    private boolean areUniform(Map<String, Double> means) {
        return means.getOrDefault(EpochTotals.WEIGHT, 0.0) <= UNIFORM / prototypes;
    }

    private static String figure(Map<String, Double> means, String name) {
        return String.format(Locale.ROOT, "%.3f", means.getOrDefault(name, 0.0));
    }
}
