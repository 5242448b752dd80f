package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TestPrototypeCounts {
    /** Expected: scipy.stats.entropy. */
    @Test
    void entropyIsThatOfTheShares() {
        PrototypeCounts counts = PrototypeCounts.of(new double[] {3, 0, 1, 4});
        assertThat(counts.used()).isEqualTo(3);
        assertThat(counts.entropy()).isCloseTo(0.9743147528693494, within(1e-15));
        assertThat(counts.perplexity()).isCloseTo(2.6493506, within(1e-6));
    }

    @Test
    void equalUseGivesAsManyAsThereAre() {
        PrototypeCounts counts = new PrototypeCounts(4);
        assertThat(counts.entropy()).isZero();
        counts.add(PrototypeCounts.of(new double[] {2, 0, 2, 1}));
        counts.add(PrototypeCounts.of(new double[] {0, 2, 0, 1}));
        assertThat(counts.perplexity()).isCloseTo(4, within(1e-12));
        counts.clear();
        assertThat(counts.used()).isZero();
    }
}
