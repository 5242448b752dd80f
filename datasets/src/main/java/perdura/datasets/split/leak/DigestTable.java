package perdura.datasets.split.leak;

/**
 * Finds a member's number by 16 bytes of a digest: 20 bytes a slot, at most two thirds of the slots full, no object for each
 * entry. Of members with an equal key the first stays. That two of
 * 400,000 and 400,000 different digests are taken for one another has a chance below 1e-27.
 */
final class DigestTable {
    private final long[] high;
    private final long[] low;
    /** The member's number plus one, 0 in a free slot. */
    private final int[] numbers;

    /** @param most greatest number of entries */
    DigestTable(int most) {
        int slots = Math.addExact(Math.addExact(most, most / 2), 2);
        high = new long[slots];
        low = new long[slots];
        numbers = new int[slots];
    }

    /** @return number of the member that has this key already, or -1 if it is new */
    int add(long highKey, long lowKey, int number) {
        int slot = slot(highKey, lowKey);
        if (numbers[slot] != 0) {
            return numbers[slot] - 1;
        }
        high[slot] = highKey;
        low[slot] = lowKey;
        numbers[slot] = number + 1;
        return -1;
    }

    /** Number of the member with this key, or -1. */
    int find(long highKey, long lowKey) {
        return numbers[slot(highKey, lowKey)] - 1;
    }

    /** The slot of this key, or the free one where it belongs. */
    private int slot(long highKey, long lowKey) {
        int slot = (int) Long.remainderUnsigned(lowKey, numbers.length);
        while (numbers[slot] != 0 && (high[slot] != highKey || low[slot] != lowKey)) {
            slot = slot + 1 == numbers.length ? 0 : slot + 1;
        }
        return slot;
    }
}
