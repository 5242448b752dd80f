package perdura.training.pretrain;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.StageSpec.Module;

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
    Map<String, Double> judge(StagePlan.Place place, Map<String, Double> means) {
        Map<String, Double> judgement = new LinkedHashMap<>();
        boolean isLast = place.stepInStage() == place.stageSteps() - 1;
        if (!isLast && place.stepInStage() < STEPS_BEFORE_JUDGING) {
            return judgement;
        }
        if (place.stage().lossWeights().global() > 0) {
            double loss = means.getOrDefault(EpochTotals.GLOBAL, 0.0);
            boolean atChance = loss >= CHANCE * Math.log(batchSize);
            judgement.put(GLOBAL_AT_CHANCE, atChance ? 1.0 : 0.0);
            if (atChance) {
                LOG.warn(
                        "stage {}, epoch {}: the global loss is {}, that of chance (ln {}): images and reports are not told"
                                + " apart",
                        place.stage().stage(),
                        place.epoch(),
                        loss,
                        batchSize);
            }
        }
        if (place.stage().has(Module.SPB)) {
            double weight = means.getOrDefault(EpochTotals.WEIGHT, 0.0);
            boolean uniform = weight <= UNIFORM / prototypes;
            judgement.put(PROTOTYPES_UNIFORM, uniform ? 1.0 : 0.0);
            if (uniform) {
                LOG.warn(
                        "stage {}, epoch {}: the greatest prototype weight of a sentence is {} on average, near 1/{}: the bank"
                                + " does not tell sentences apart; model.spb.init: sentence-kmeans may help",
                        place.stage().stage(),
                        place.epoch(),
                        weight,
                        prototypes);
            }
        }
        return judgement;
    }
}
