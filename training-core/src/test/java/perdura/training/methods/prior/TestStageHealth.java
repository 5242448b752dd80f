package perdura.training.methods.prior;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.OnceEvent;
import perdura.training.golden.PriorSpecs;
import perdura.training.method.StagePlan;
import perdura.training.methods.prior.spec.StageSpec;

class TestStageHealth {
    /** ln 32 is 3.4657; 98 % of it 3.3964. Two of 64 are 0.03125. */
    @ParameterizedTest
    @CsvSource({"3.4657, 0.9, 1, 0", "3.40, 0.9, 1, 0", "3.39, 0.9, 0, 0", "1.8, 0.023, 0, 1", "1.8, 0.04, 0, 0"})
    void anEpochIsJudgedByItsMeans(double loss, double weight, double atChance, double uniform) {
        assertThat(judge(PriorSpecs.stage(2, 10), 600, loss, weight))
                .containsExactly(
                        Map.entry(StageHealth.GLOBAL_AT_CHANCE, atChance),
                        Map.entry(StageHealth.PROTOTYPES_UNIFORM, uniform));
    }

    @Test
    void earlyEpochsAreNotJudgedButTheLastOneIs() {
        assertThat(judge(PriorSpecs.stage(2, 10), 499, 3.5, 0.02)).isEmpty();
        assertThat(judge(PriorSpecs.stage(2, 10), 500, 3.5, 0.02)).hasSize(2);
        assertThat(judge(PriorSpecs.stage(2, 1), 999, 3.5, 0.02)).hasSize(2);
        assertThat(judge(PriorSpecs.stage(1, 10), 600, 3.5, 0.02)).containsOnlyKeys(StageHealth.GLOBAL_AT_CHANCE);
    }

    @Test
    void aWarningIsAnEventOfItsStage() {
        StageSpec stage = PriorSpecs.stage(2, 10);
        StagePlan.Place<StageSpec> place = place(stage, 600);
        assertThat(new StageHealth(32, 64).warnings(place, means(3.4657, 0.02)))
                .containsExactly(
                        new OnceEvent(
                                "GLOBAL_LOSS_AT_CHANCE",
                                "stage 2",
                                "stage 2, epoch 0: the global loss is 3.466, that of chance (ln 32): images and reports are"
                                        + " not told apart"),
                        new OnceEvent(
                                "PROTOTYPES_UNIFORM",
                                "stage 2",
                                "stage 2, epoch 0: the greatest prototype weight of a sentence is 0.020 on average, near"
                                        + " 1/64: the bank does not tell sentences apart; model.spb.init:"
                                        + " sentence-kmeans may help"));
        assertThat(new StageHealth(32, 64).warnings(place, means(1.8, 0.9))).isEmpty();
        assertThat(new StageHealth(32, 64).warnings(place(stage, 499), means(3.4657, 0.02)))
                .isEmpty();
    }

    private static Map<String, Double> judge(StageSpec stage, long stepInStage, double loss, double weight) {
        return new StageHealth(32, 64).judge(place(stage, stepInStage), means(loss, weight));
    }

    private static StagePlan.Place<StageSpec> place(StageSpec stage, long stepInStage) {
        return new StagePlan.Place<>(stage, stepInStage, stage.epochs() * 1000L, 0, 0);
    }

    private static Map<String, Double> means(double loss, double weight) {
        Map<String, Double> means = new LinkedHashMap<>();
        means.put(EpochTotals.GLOBAL, loss);
        means.put(EpochTotals.WEIGHT, weight);
        return means;
    }
}
