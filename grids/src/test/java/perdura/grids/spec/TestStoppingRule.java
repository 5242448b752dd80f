package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.StoppingRule.RungDecision;
import perdura.grids.spec.StoppingRule.RungResult;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;

class TestStoppingRule {
    private static final StoppingRule HALVING =
            new StoppingRule(new EarlyStoppingSpec.Asha(2, 20, 3), ObjectiveSpec.Goal.MAX);

    @Test
    void rungsOfHalvingLieGeometricallyUpToTheLast() {
        assertThat(HALVING.epochs(0)).hasValue(2);
        assertThat(HALVING.epochs(1)).hasValue(6);
        assertThat(HALVING.epochs(2)).hasValue(18);
        assertThat(HALVING.epochs(3)).isEmpty();
        assertThat(new StoppingRule(new EarlyStoppingSpec.Asha(1, null, 4), ObjectiveSpec.Goal.MIN).epochs(3))
                .hasValue(64);
        assertThat(new StoppingRule(new EarlyStoppingSpec.None(), ObjectiveSpec.Goal.MIN).epochs(0))
                .isEmpty();
    }

    @Test
    void halvingPromotesOnlyAmongTheBestThirdOfARung() {
        List<RungResult> results = new ArrayList<>(List.of(result("a", 0, 0.5), result("b", 0, 0.9)));
        assertThat(HALVING.next(results, List.of())).isEmpty();

        results.add(result("c", 0, 0.7));
        RungDecision promoted = new RungDecision("b", 0, RungDecision.Kind.PROMOTE);
        assertThat(HALVING.next(results, List.of())).hasValue(promoted);
        assertThat(HALVING.next(results, List.of(promoted))).isEmpty();
    }

    @Test
    void aHigherRungComesFirst() {
        List<RungResult> results = List.of(
                result("a", 0, 0.1),
                result("b", 0, 0.2),
                result("c", 0, 0.3),
                result("d", 0, 0.4),
                result("e", 0, 0.5),
                result("f", 0, 0.6),
                result("c", 1, 0.31),
                result("d", 1, 0.41),
                result("e", 1, 0.51));

        assertThat(HALVING.next(results, List.of())).hasValue(new RungDecision("e", 1, RungDecision.Kind.PROMOTE));
    }

    @Test
    void theBestThatWaitsIsOnTheHighestRung() {
        List<RungResult> results =
                List.of(result("a", 0, 0.9), result("b", 0, 0.8), result("b", 1, 0.7), result("c", 1, 0.75));
        RungDecision c = new RungDecision("c", 1, RungDecision.Kind.PROMOTE);

        assertThat(HALVING.best(results, List.of())).hasValue(c);
        assertThat(HALVING.best(results, List.of(c))).hasValue(new RungDecision("b", 1, RungDecision.Kind.PROMOTE));
        assertThat(HALVING.best(List.of(), List.of())).isEmpty();
    }

    @Test
    void smallerIsBetterWhereTheGoalIsMinAndWhatIsNoNumberIsWorst() {
        StoppingRule least = new StoppingRule(new EarlyStoppingSpec.Asha(1, null, 3), ObjectiveSpec.Goal.MIN);

        Optional<RungDecision> decision =
                least.next(List.of(result("a", 0, null), result("b", 0, 0.2), result("c", 0, 0.3)), List.of());

        assertThat(decision.map(RungDecision::trialKey)).hasValue("b");
    }

    @Test
    void theMedianRuleStopsWhatIsWorseThanTheMedianOfTheOthersMeans() {
        StoppingRule median = new StoppingRule(new EarlyStoppingSpec.Median(3, 2), ObjectiveSpec.Goal.MAX);
        assertThat(median.epochs(0)).hasValue(3);
        assertThat(median.epochs(2)).hasValue(5);
        List<RungResult> results = new ArrayList<>(List.of(result("a", 0, 0.6), result("b", 0, 0.8)));
        List<RungDecision> decisions = List.of(
                new RungDecision("a", 0, RungDecision.Kind.PROMOTE), // too few others yet
                new RungDecision("b", 0, RungDecision.Kind.PROMOTE));
        assertThat(median.next(results, List.of())).hasValue(decisions.get(0));

        results.add(result("c", 0, 0.69)); // the median of 0.6 and 0.8 is 0.7
        assertThat(median.next(results, decisions)).hasValue(new RungDecision("c", 0, RungDecision.Kind.STOP));
        results.set(2, result("c", 0, 0.7));
        assertThat(median.next(results, decisions)).hasValue(new RungDecision("c", 0, RungDecision.Kind.PROMOTE));
    }

    private static long sequence;

    private static RungResult result(String trial, int rung, @Nullable Double value) {
        return new RungResult(trial, rung, value, value, sequence++);
    }
}
