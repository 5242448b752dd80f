package perdura.datasets.ingest;

import java.util.Arrays;

/**
 * Numbers distinct sentences in the order of their first appearance. Keeps 128 bits of each, so that a large set fits:
 * two sentences of a billion share them with a chance below 1e-20.
 */
final class SentenceIndex {
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private long[] keys = new long[2 << 12]; // pairs; both 0 is free
    private int[] numbers = new int[1 << 12];
    private int size;

    /** The number of a sentence; {@link #size} before the call if it is new. */
    int add(int[] tokens) {
        long first = 0x243F6A8885A308D3L ^ tokens.length;
        long second = 0x13198A2E03707344L + tokens.length;
        for (int token : tokens) {
            first = mix(first ^ token);
            second = mix(second + PRIME * (token + 1L));
        }
        if (first == 0 && second == 0) {
            second = 1;
        }
        if (size * 2 >= numbers.length) {
            grow();
        }
        return find(first, second);
    }

    int size() {
        return size;
    }

    private int find(long first, long second) {
        int mask = numbers.length - 1;
        int at = (int) (first & mask);
        while (keys[2 * at] != 0 || keys[2 * at + 1] != 0) {
            if (keys[2 * at] == first && keys[2 * at + 1] == second) {
                return numbers[at];
            }
            at = (at + 1) & mask;
        }
        keys[2 * at] = first;
        keys[2 * at + 1] = second;
        numbers[at] = size;
        return size++;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldNumbers = numbers;
        keys = new long[oldKeys.length * 2];
        numbers = new int[oldNumbers.length * 2];
        Arrays.fill(numbers, 0);
        int mask = numbers.length - 1;
        for (int i = 0; i < oldNumbers.length; i++) {
            if (oldKeys[2 * i] != 0 || oldKeys[2 * i + 1] != 0) {
                int at = (int) (oldKeys[2 * i] & mask);
                while (keys[2 * at] != 0 || keys[2 * at + 1] != 0) {
                    at = (at + 1) & mask;
                }
                keys[2 * at] = oldKeys[2 * i];
                keys[2 * at + 1] = oldKeys[2 * i + 1];
                numbers[at] = oldNumbers[i];
            }
        }
    }

    private static long mix(long z) {
        long y = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        y = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
        return y ^ (y >>> 31);
    }
}
