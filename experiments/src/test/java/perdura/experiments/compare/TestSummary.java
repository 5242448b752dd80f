package perdura.experiments.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Numbers from NumPy and SciPy 1.x: {@code v.mean(), v.std(ddof=1), stats.t.interval(0.95, len(v) - 1, loc=v.mean(),
 * scale=stats.sem(v))}.
 */
class TestSummary {
    @Test
    void meanDeviationAndIntervalAreThoseOfScipy() {
        check(List.of(0.8616, 0.8702, 0.8551), 0.8623, 0.0075742986473996375, 0.843484399089935, 0.8811156009100649);
        check(List.of(0.1, 0.4), 0.25, 0.21213203435596428, -1.655930710426204, 2.1559307104262038);
        check(
                List.of(1e-7, 3e-7, 2e-7, 5e-7, 4e-7),
                3e-07,
                1.5811388300841896e-07,
                1.0367568385224431e-07,
                4.963243161477557e-07);
    }

    private static void check(List<Double> values, double mean, double std, double low, double high) {
        Summary summary = Summary.of(values);
        assertThat(summary.n()).isEqualTo(values.size());
        assertThat(summary.missing()).isZero();
        assertClose(summary.mean(), mean);
        assertClose(summary.std(), std);
        assertClose(summary.low(), low);
        assertClose(summary.high(), high);
    }

    /** Both compute Student's quantile to about ten digits. */
    private static void assertClose(@Nullable Double actual, double expected) {
        assertThat(Objects.requireNonNull(actual)).isCloseTo(expected, within(1e-9 * Math.abs(expected)));
    }

    @Test
    void oneValueHasNoDeviation() {
        assertThat(Summary.of(List.of(0.5))).isEqualTo(new Summary(1, 0, 0.5, null, null, null));
    }

    @Test
    void whatIsNoNumberIsCountedAsMissing() {
        Summary summary = Summary.of(Arrays.asList(0.5, null, Double.NaN, Double.POSITIVE_INFINITY));
        assertThat(summary).isEqualTo(new Summary(1, 3, 0.5, null, null, null));
        assertThat(Summary.of(List.of())).isEqualTo(new Summary(0, 0, null, null, null, null));
    }

    @Test
    void theIntervalOfAShareEndsWhereSharesDo() {
        Summary summary = Summary.of(List.of(0.97, 0.99));
        assertThat(summary.high()).isGreaterThan(1.0);
        Summary share = summary.ofShare();
        assertThat(share.high()).isEqualTo(1.0);
        assertThat(share.low()).isEqualTo(summary.low());
        assertThat(Summary.of(List.of(0.01, 0.03)).ofShare().low()).isZero();
        assertThat(share.mean()).isEqualTo(summary.mean());
        assertThat(Summary.of(List.of(0.5)).ofShare()).isEqualTo(Summary.of(List.of(0.5)));
    }
}
