package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import perdura.datasets.split.LegacyPermutation.MersenneTwister;
import perdura.testkit.GoldenCases;

class TestLegacyPermutation {
    private final JsonNode golden = GoldenCases.read("sense/data_cases").get("legacy");

    @Test
    void theTwistersWordsAreThoseOfTheReference() {
        assertThat(golden.get("words")).isNotEmpty();
        for (JsonNode c : golden.get("words")) {
            MersenneTwister twister = new MersenneTwister(c.get("seed").asLong());
            c.get("words")
                    .forEach(word ->
                            assertThat(Integer.toUnsignedLong(twister.next())).isEqualTo(word.asLong()));
        }
    }

    @Test
    void permutationsAreThoseOfTheReference() {
        assertThat(golden.get("permutations")).isNotEmpty();
        for (JsonNode c : golden.get("permutations")) {
            assertThat(LegacyPermutation.of(c.get("n").asInt(), c.get("seed").asLong()))
                    .containsExactly(GoldenCases.integers(c.get("permutation")));
        }
    }

    @Test
    void permutationsAreThoseOfNumPy() {
        for (JsonNode c : SplitCases.read("legacy")) {
            int[] order = LegacyPermutation.of(c.get("n").asInt(), c.get("seed").asLong());
            assertThat(order).startsWith(GoldenCases.integers(c.get("first")));
            assertThat(SplitCases.digest(RowList.of(order)))
                    .isEqualTo(c.get("sha256").asText());
        }
    }

    @Test
    void theAnchorsOfTheSpecificationAreMet() {
        MersenneTwister twister = new MersenneTwister(0);
        assertThat(new long[] {
                    Integer.toUnsignedLong(twister.next()),
                    Integer.toUnsignedLong(twister.next()),
                    Integer.toUnsignedLong(twister.next())
                })
                .containsExactly(2357136044L, 2546248239L, 3071714933L);
        assertThat(LegacyPermutation.of(10, 0)).containsExactly(2, 8, 4, 9, 1, 6, 7, 3, 0, 5);
        assertThat(Arrays.copyOf(LegacyPermutation.of(26684, 0), 8))
                .containsExactly(22331, 19778, 23064, 397, 20155, 6807, 9051, 17119);
    }

    @Test
    void seedsBeyond32BitsAndNegativeSizesAreRefused() {
        assertThatThrownBy(() -> LegacyPermutation.of(5, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("seed", "0 to 4294967295", "was -1");
        assertThatThrownBy(() -> LegacyPermutation.of(5, 1L << 32)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LegacyPermutation.of(-1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("n", ">= 0", "was -1");
    }
}
