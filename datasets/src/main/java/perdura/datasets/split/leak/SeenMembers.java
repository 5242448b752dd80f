package perdura.datasets.split.leak;

import java.util.BitSet;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Downstream members that the pre-training has seen: all by number, the first {@value LeakCheck#SHOWN} with what was seen. */
final class SeenMembers {
    private final BitSet numbers = new BitSet();
    private final NavigableMap<Integer, String> firstSeenAs = new TreeMap<>();

    void add(int number, String seenAs) {
        if (numbers.get(number)) {
            return;
        }
        numbers.set(number);
        firstSeenAs.put(number, seenAs);
        if (firstSeenAs.size() > LeakCheck.SHOWN) {
            firstSeenAs.pollLastEntry();
        }
    }

    boolean has(int number) {
        return number >= 0 && numbers.get(number);
    }

    /** What a member was seen as; only for the first ones. */
    String seenAs(int number) {
        return firstSeenAs.getOrDefault(number, "");
    }
}
