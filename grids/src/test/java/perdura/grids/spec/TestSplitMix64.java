package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TestSplitMix64 {
    /** {@code SplittableRandom} uses the same algorithm today, but does not promise it. */
    @Test
    void itsNumbersAreThoseOfTheJdk() {
        for (long seed : new long[] {0, 1, -1, 1234567, Long.MIN_VALUE}) {
            SplitMix64 own = new SplitMix64(seed);
            SplittableRandom jdk = new SplittableRandom(seed);
            for (int i = 0; i < 100; i++) {
                assertThat(own.next()).isEqualTo(jdk.nextLong());
            }
        }
    }
}
