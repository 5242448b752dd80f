package perdura.datasets.ingest;

import java.util.HashMap;
import java.util.Map;
import perdura.datasets.seeds.Seeds;

/**
 * Numbers distinct sentences in the order of their first appearance. Keeps 128 bits of each, so that a large set fits:
 * two sentences of a billion share them with a chance below 1e-20.
 */
final class SentenceIndex {
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final Map<Key, Integer> numbers = new HashMap<>();

    private record Key(long first, long second) {}

    /** The number of a sentence; {@link #size} before the call if it is new. */
    int add(int[] tokens) {
        long first = 0x243F6A8885A308D3L ^ tokens.length;
        long second = 0x13198A2E03707344L + tokens.length;
        for (int token : tokens) {
            first = Seeds.mix(first ^ token);
            second = Seeds.mix(second + PRIME * (token + 1L));
        }
        return numbers.computeIfAbsent(new Key(first, second), key -> numbers.size());
    }

    int size() {
        return numbers.size();
    }
}
