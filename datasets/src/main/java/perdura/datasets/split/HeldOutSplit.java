package perdura.datasets.split;

import java.util.Map;

/**
 * 70 / 15 / 15 as GLoRIA draws it (sense.md 4.2, 4.4): the first ceil(0.3 n) of a legacy permutation of the ids in ascending order
 * are held out; they are permuted again by a fresh generator of the same seed, and the first ceil(half) of them validate. Agrees
 * with two calls of {@code sklearn.model_selection.train_test_split}, test_size 0.3 and then 0.5, random_state the seed, where the
 * second call's test part validates.
 */
public final class HeldOutSplit {
    private HeldOutSplit() {}

    /**
     * Parts train, validation and test of the given rows, each in the order in which it is drawn.
     *
     * @param rows the rows that take part, in any order; at least 4, so that no part is empty
     * @param legacySeed in [0, 2^32); 0 in both papers' sets
     */
    public static Split of(String name, Samples samples, RowList rows, long legacySeed) {
        RowList ascending = samples.ascending(rows);
        int n = ascending.size();
        RowList drawn = ascending.pick(LegacyPermutation.of(n, legacySeed));
        int held = (3 * n + 9) / 10; // ceil(0.3 n) in integers
        RowList heldOut = drawn.first(held).pick(LegacyPermutation.of(held, legacySeed));
        int half = (held + 1) / 2;
        Map<String, RowList> parts =
                Split.parts(drawn.between(held, n), heldOut.first(half), heldOut.between(half, held));
        return Split.of(name, "70/15/15", Map.of("legacySeed", legacySeed), samples, parts);
    }
}
