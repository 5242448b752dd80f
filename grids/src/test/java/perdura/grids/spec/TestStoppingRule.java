package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.StoppingRule.Peers;
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

    @Test
    void pointsCompeteByTheMeansOverTheirTrialsWhichGoTogether() {
        StoppingRule halving = new StoppingRule(new EarlyStoppingSpec.Asha(1, null, 2), ObjectiveSpec.Goal.MAX);
        List<RungResult> results =
                new ArrayList<>(List.of(result("a1", 0, 0.9), result("b1", 0, 0.6), result("b2", 0, 0.7)));
        Peers peers = peers(Set.of());
        assertThat(halving.next(results, List.of(), peers))
                .as("a is there in part")
                .isEmpty();
        results.add(result("a2", 0, 0.1));

        RungDecision first = new RungDecision("b1", 0, RungDecision.Kind.PROMOTE);
        RungDecision second = new RungDecision("b2", 0, RungDecision.Kind.PROMOTE);
        assertThat(halving.next(results, List.of(), peers)).hasValue(first);
        assertThat(halving.next(results, List.of(first), peers)).hasValue(second);
        assertThat(halving.next(results, List.of(first, second), peers)).isEmpty();
        assertThat(halving.best(results, List.of(first, second), peers).map(RungDecision::trialKey))
                .hasValue("a1");
    }

    @Test
    void aPointOfWhichATrialHasFailedIsBehindThoseThatAreWhole() {
        StoppingRule halving = new StoppingRule(new EarlyStoppingSpec.Asha(1, null, 2), ObjectiveSpec.Goal.MAX);
        List<RungResult> results = List.of(result("a1", 0, 0.9), result("b1", 0, 0.6), result("b2", 0, 0.7));

        assertThat(halving.next(results, List.of(), peers(Set.of("a2"))).map(RungDecision::trialKey))
                .hasValue("b1");
    }

    @Test
    void theMedianRuleStopsAllTrialsOfAPoint() {
        StoppingRule median = new StoppingRule(new EarlyStoppingSpec.Median(1, 1), ObjectiveSpec.Goal.MAX);
        List<RungResult> results =
                List.of(result("a1", 0, 0.9), result("b1", 0, 0.6), result("b2", 0, 0.7), result("a2", 0, 0.8));
        RungDecision goes = new RungDecision("a1", 0, RungDecision.Kind.PROMOTE);
        RungDecision stops = new RungDecision("b1", 0, RungDecision.Kind.STOP);

        assertThat(median.next(results, List.of(), peers(Set.of()))).hasValue(goes);
        assertThat(median.next(results, List.of(goes), peers(Set.of())))
                .hasValue(new RungDecision("a2", 0, RungDecision.Kind.PROMOTE));
        assertThat(median.next(
                        results, List.of(goes, new RungDecision("a2", 0, RungDecision.Kind.PROMOTE)), peers(Set.of())))
                .hasValue(stops);
    }

    /** Points a and b, with two trials each. */
    private static Peers peers(Set<String> ended) {
        Set<String> a = Set.of("a1", "a2");
        Set<String> b = Set.of("b1", "b2");
        return new Peers(Map.of("a1", a, "a2", a, "b1", b, "b2", b), ended);
    }

    private static long sequence;

    private static RungResult result(String trial, int rung, @Nullable Double value) {
        return new RungResult(trial, rung, value, value, sequence++);
    }
}
