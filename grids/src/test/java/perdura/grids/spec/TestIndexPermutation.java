package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestIndexPermutation {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097, 65_537})
    void everyNumberComesOnce(int size) {
        IndexPermutation permutation = new IndexPermutation(size, 7);
        BitSet seen = new BitSet();
        for (int i = 0; i < size; i++) {
            long value = permutation.at(i);
            assertThat(value).isBetween(0L, size - 1L);
            seen.set((int) value);
        }
        assertThat(seen.cardinality()).isEqualTo(size);
    }

    @Test
    void numbersAreSpreadEvenly() {
        int size = 1_000_000;
        IndexPermutation permutation = new IndexPermutation(size, 3);
        int[] tenths = new int[10];
        for (int i = 0; i < 10_000; i++) {
            tenths[(int) (permutation.at(i) * 10 / size)]++;
        }
        // 1,000 expected in each with a standard deviation of 30
        for (int count : tenths) {
            assertThat(count).isBetween(850, 1150);
        }
    }

    @Test
    void theSeedDecidesAndGreatSizesWork() {
        IndexPermutation one = new IndexPermutation(1L << 62, 1);
        IndexPermutation two = new IndexPermutation(1L << 62, 2);
        assertThat(LongStream.range(0, 100).filter(i -> one.at(i) == two.at(i)).count())
                .isZero();
        assertThat(LongStream.range(0, 100).map(one::at)).allMatch(value -> value >= 0 && value < 1L << 62);
        assertThatThrownBy(() -> new IndexPermutation(0, 1)).hasMessage("size must be from 1 to 2^62, was 0");
    }
}
