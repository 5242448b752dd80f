package perdura.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import perdura.experiments.compare.Importance;

/** Numbers from SciPy: {@code F = stats.f_oneway(*groups).statistic}, eta squared = F (k - 1) / (F (k - 1) + N - k). */
class TestImportance {
    private static SampleSweep sweep() {
        return new SampleSweep("linear-probe", List.of());
    }

    @Test
    void sharesAreThoseOfAnAnalysisOfVariance() {
        double[][] results = {{0.81, 0.83, 0.80}, {0.86, 0.88, 0.85}, {0.70, 0.74, 0.69}};
        SampleSweep sweep = sweep();
        for (int rate = 0; rate < 3; rate++) {
            for (int decay = 0; decay < 3; decay++) {
                sweep.finished(Map.of("rate", rate, "decay", decay), 1, results[rate][decay], Map.of());
            }
        }

        List<Importance> all = Importance.of(sweep.view().comparison());

        assertThat(all).extracting(Importance::path).containsExactly("rate", "decay");
        assertThat(all.get(0).share()).isCloseTo(0.9402050113895217, within(1e-12));
        assertThat(all.get(1).share()).isCloseTo(0.05523917995444186, within(1e-12));
        assertThat(all.get(0).chance()).isEqualTo(2.0 / 8);
        assertThat(all.get(0).levels()).isEqualTo(3);
        assertThat(all.get(0).points()).isEqualTo(9);
        assertThat(all.get(0).ranges()).isFalse();
    }

    @Test
    void aNumberWithAValueForEachPointIsComparedInRanges() {
        double[] results = {.5, .55, .7, .72, .8, .79, .6, .62};
        SampleSweep sweep = sweep();
        for (int i = 0; i < results.length; i++) {
            sweep.finished(Map.of("rate", Math.pow(10, -i), "name", "n" + i), 1, results[i], Map.of());
        }

        List<Importance> all = Importance.of(sweep.view().comparison());

        assertThat(all).extracting(Importance::path).containsExactly("rate");
        assertThat(all.get(0).share()).isCloseTo(0.9799054373522461, within(1e-12));
        assertThat(all.get(0).levels()).isEqualTo(4);
        assertThat(all.get(0).ranges()).isTrue();
    }

    @Test
    void nothingIsSaidOfTooFewOrEqualOrUnfinishedPoints() {
        SampleSweep two = sweep().finished(Map.of("a", 1), 1, 0.5, Map.of()).finished(Map.of("a", 2), 1, 0.6, Map.of());
        assertThat(Importance.of(two.view().comparison())).isEmpty();

        SampleSweep equal = sweep();
        SampleSweep running = sweep();
        for (int i = 0; i < 8; i++) {
            equal.finished(Map.of("a", i % 2, "b", i), 1, 0.5, Map.of());
            running.onItsWay(Map.of("a", i % 2, "b", i), 1, "RUNNING", 0.1 * i);
        }
        assertThat(Importance.of(equal.view().comparison())).isEmpty();
        assertThat(Importance.of(running.view().comparison())).isEmpty();
    }
}
