package perdura.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.Summary;
import perdura.grids.spec.TrialState;

class TestComparison {
    private static final Map<String, Object> LOW = parameters("learningRate", 1e-5, "optimizer", Map.of("beta1", 0.5));
    private static final Map<String, Object> HIGH = parameters("learningRate", 0.01, "optimizer", Map.of("beta1", 0.5));

    private static Map<String, Object> parameters(Object... pairs) {
        Map<String, Object> parameters = new TreeMap<>(Map.of("dataset", "rsna"));
        for (int i = 0; i < pairs.length; i += 2) {
            parameters.put((String) pairs[i], pairs[i + 1]);
        }
        return parameters;
    }

    private static SampleSweep sweep() {
        return new SampleSweep("linear-probe", List.of("auroc"));
    }

    @Test
    void seedsOfOnePointAreOneLine() {
        Comparison comparison = sweep().finished(LOW, 1, 0.7, Map.of("auroc", 0.6))
                .finished(HIGH, 1, 0.8, Map.of("auroc", 0.7))
                .finished(LOW, 2, 0.9, Map.of("auroc", 0.8))
                .view()
                .comparison();

        assertThat(comparison.points()).hasSize(2);
        ComparedPoint first = comparison.points().get(0);
        assertThat(first.number()).isEqualTo(1);
        assertThat(first.objective().n()).isEqualTo(2);
        assertThat(first.trials()).extracting(ComparedTrial::seed).containsExactly(1L, 2L);
        assertThat(comparison.parameters().differing()).containsExactly("learningRate");
        assertThat(comparison.parameters().shared())
                .containsExactlyInAnyOrderEntriesOf(Map.of("dataset", "rsna", "optimizer.beta1", "0.5"));
    }

    /** Two rates on folds 0 to 2, of which the second lacks fold 1 and has failed on fold 2. */
    private static SampleSweep folds() {
        SampleSweep sweep = sweep();
        for (int fold = 0; fold < 3; fold++) {
            sweep.finished(parameters("rate", 1, "fold", fold), 7, 0.5 + 0.1 * fold, Map.of("auroc", 0.4 + 0.1 * fold));
        }
        return sweep.finished(parameters("rate", 2, "fold", 0), 7, 0.9, Map.of("auroc", 0.9))
                .failed(parameters("rate", 2, "fold", 2), 7, "TRAINING_DIVERGED", "the loss is NaN");
    }

    @Test
    void foldsOfOnePointAreOneLineAndAPointSaysWhichItLacks() {
        Comparison comparison = folds().view(List.of("fold")).comparison();

        assertThat(comparison.over()).isEqualTo("fold");
        assertThat(comparison.parameters().differing()).containsExactly("rate");
        assertThat(comparison.points())
                .extracting(ComparedPoint::number)
                .containsExactly(1, 2); // 0.6 of all folds, 0.9 of one
        ComparedPoint whole = comparison.points().get(0);
        assertThat(whole.parameters()).doesNotContainKey("fold");
        assertThat(whole.objective()).isEqualTo(Summary.of(List.of(0.5, 0.6, 0.7)));
        assertThat(whole.lacking()).isEmpty();
        assertThat(whole.isComplete()).isTrue();
        assertThat(whole.trials())
                .extracting(comparison::replicate)
                .containsExactly("7, fold 0", "7, fold 1", "7, fold 2");
        assertThat(comparison.points().get(1).lacking()).containsExactly("fold 1", "fold 2");
        assertThat(comparison.points().get(1).isComplete()).isFalse();
    }

    @Test
    void aReplicateThatNothingVariesStaysAParameter() {
        Comparison comparison = sweep().finished(parameters("rate", 1, "fold", 3), 1, 0.5, Map.of())
                .finished(parameters("rate", 1, "fold", 3), 2, 0.6, Map.of())
                .view(List.of("fold"))
                .comparison();
        assertThat(comparison.over()).isEqualTo("seeds");
        assertThat(comparison.replicates()).isEmpty();
        assertThat(comparison.parameters().shared()).containsEntry("fold", "3");
        assertThat(comparison.points().get(0).trials())
                .extracting(comparison::replicate)
                .containsExactly("1", "2");
    }

    /** Only what its task declares is a replicate, whatever a parameter is called. */
    @Test
    void whatNoTaskDeclaresIsAParameterLikeAnother() {
        Comparison comparison = sweep().finished(parameters("dropoutSeed", 1), 1, 0.5, Map.of())
                .finished(parameters("dropoutSeed", 2), 1, 0.6, Map.of())
                .view()
                .comparison();
        assertThat(comparison.points()).hasSize(2);
        Comparison declared = sweep().finished(parameters("splitSeed", 1), 1, 0.5, Map.of())
                .finished(parameters("splitSeed", 2), 2, 0.6, Map.of())
                .view()
                .comparison();
        assertThat(declared.points()).hasSize(1);
        assertThat(declared.over()).isEqualTo("seed and splitSeed");
    }

    @Test
    void equalMeansAreRankedByTheirSeedsAndThenByTheSweepsOrder() {
        Comparison comparison = sweep().finished(parameters("a", 1), 1, 0.75, Map.of())
                .finished(parameters("a", 2), 1, 0.5, Map.of())
                .finished(parameters("a", 2), 2, 1.0, Map.of())
                .finished(parameters("a", 3), 1, 0.75, Map.of())
                .view()
                .comparison();
        assertThat(comparison.points()).extracting(ComparedPoint::number).containsExactly(2, 1, 3);
        assertThat(comparison.points()).extracting(ComparedPoint::rank).containsExactly(1, 2, 3);
    }

    @Test
    void theLeastLossIsTheBest() {
        Comparison.Objective loss =
                new Comparison.Objective("loss", perdura.grids.spec.ObjectiveSpec.Goal.MIN, List.of());
        List<ComparedTrial> trials = sweep().finished(LOW, 1, 0.7, Map.of())
                .finished(HIGH, 1, 0.3, Map.of())
                .view()
                .comparison()
                .trials();
        assertThat(Comparison.of(trials, loss, List.of(), List.of(), List.of()).points())
                .extracting(ComparedPoint::number)
                .containsExactly(2, 1);
    }

    @Test
    void lostTrialsAreShownAndDoNotCount() {
        Comparison comparison = sweep().finished(LOW, 1, 0.7, Map.of("auroc", 0.6))
                .failed(LOW, 2, "TRAINING_DIVERGED", "the loss is NaN")
                .onItsWay(LOW, 3, "RUNNING", 0.99)
                .onItsWay(LOW, 4, "PENDING", null)
                .failed(HIGH, 1, "OUT_OF_MEMORY", "too much")
                .view()
                .comparison();

        ComparedPoint first = comparison.points().get(0);
        assertThat(first.objective().mean()).isEqualTo(0.7);
        assertThat(first.isComplete()).isFalse();
        assertThat(ComparedPoint.StateWords.unfinished(first)).isEqualTo("1 running, 1 pending, 1 failed");
        ComparedPoint last = comparison.points().get(1);
        assertThat(last.rank()).isNull();
        assertThat(last.objective()).isEqualTo(new Summary(0, 0, null, null, null, null));
        assertThat(comparison.counts())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        TrialState.FINISHED, 1, TrialState.FAILED, 2, TrialState.RUNNING, 1, TrialState.PENDING, 1));
    }

    @Test
    void aPointOnItsWayHasTheBestSoFarUntilASeedIsFinished() {
        Comparison comparison = sweep().onItsWay(LOW, 1, "RUNNING", 0.6)
                .onItsWay(LOW, 2, "HELD", 0.8)
                .onItsWay(LOW, 3, "KILLED", 0.1)
                .view()
                .comparison();
        ComparedPoint point = comparison.points().get(0);
        assertThat(point.provisional()).isTrue();
        assertThat(point.rank()).isEqualTo(1);
        assertThat(point.objective().mean()).isEqualTo(0.7);
    }

    @Test
    void aFinishedTrialWithoutTheMetricIsMissing() {
        Comparison comparison = sweep().finished(LOW, 1, 0.7, Map.of("auroc", Double.NaN))
                .finished(LOW, 2, 0.7, Map.of())
                .finished(LOW, 3, 0.7, Map.of("auroc", 0.5))
                .view()
                .comparison();
        assertThat(comparison.points().get(0).metrics().get("test/auroc"))
                .isEqualTo(new Summary(1, 2, 0.5, null, null, null));
    }

    @Test
    void theSweepsOrderOfAxesIsKept() {
        Comparison comparison = sweep().with("axisOrder", List.of("z", "optimizer.weightDecay"))
                .finished(parameters("z", 1, "b", 1, "optimizer", Map.of("weightDecay", 1)), 1, 0.7, Map.of())
                .finished(parameters("z", 2, "b", 2, "optimizer", Map.of("weightDecay", 2)), 1, 0.7, Map.of())
                .view()
                .comparison();
        assertThat(comparison.parameters().differing()).containsExactly("z", "optimizer.weightDecay", "b");
        assertThat(comparison.parameters().shortName("optimizer.weightDecay")).isEqualTo("weightDecay");
    }

    @Test
    void twoPathsThatEndAlikeKeepTheirWholeNames() {
        Comparison.Differences differences = Comparison.Differences.of(
                List.of(Map.of("a.rate", "1", "b.rate", "1"), Map.of("a.rate", "2", "b.rate", "2")), List.of());
        assertThat(differences.shortName("a.rate")).isEqualTo("a.rate");
    }
}
