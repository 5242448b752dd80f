package perdura.datasets.data;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import perdura.datasets.data.SenseBatch.TextBucket;
import perdura.datasets.split.RowList;
import perdura.datasets.text.Vocabulary;

/**
 * Sorts texts by length into buckets, so that little of what an encoder computes is padding. The buckets are a function of
 * the texts and their order alone.
 */
final class TextBuckets {
    /** A bucket ends where its padding would exceed this share of its positions. */
    private static final double MOST_PADDING = 0.15;

    /** Buckets below this many rows are not worth a call of their own. */
    private static final int FEWEST_ROWS = 16;

    private TextBuckets() {}

    /**
     * Buckets from the shortest texts to the longest.
     *
     * @param texts piece ids of each, without special pieces
     * @param owners the study of each
     */
    static List<TextBucket> of(List<int[]> texts, int[] owners) {
        int[] order = RowList.range(texts.size())
                .sorted(Comparator.comparingInt(i -> texts.get(i).length)) // stable: equal ones keep their order
                .toArray();
        List<TextBucket> buckets = new ArrayList<>();
        int from = 0;
        while (from < order.length) {
            int to = end(texts, order, from);
            buckets.add(bucket(texts, owners, Arrays.copyOfRange(order, from, to)));
            from = to;
        }
        return buckets;
    }

    private static int end(List<int[]> texts, int[] order, int from) {
        long filled = 0;
        for (int at = from; at < order.length; at++) {
            int length = texts.get(order[at]).length + 2;
            filled += length;
            long positions = (long) length * (at - from + 1);
            if (at - from >= FEWEST_ROWS && positions - filled > MOST_PADDING * positions) {
                return order.length - at < FEWEST_ROWS ? order.length : at;
            }
        }
        return order.length;
    }

    private static TextBucket bucket(List<int[]> texts, int[] owners, int[] own) {
        int length = Arrays.stream(own).map(i -> texts.get(i).length + 2).max().orElseThrow();
        LongBuffer ids = DirectBuffers.longs(own.length * length);
        LongBuffer mask = DirectBuffers.longs(own.length * length);
        LongBuffer ownerBuffer = DirectBuffers.longs(own.length);
        for (int row = 0; row < own.length; row++) {
            int[] text = texts.get(own[row]);
            int at = row * length;
            ids.put(at, Vocabulary.BEGIN);
            for (int i = 0; i < text.length; i++) {
                ids.put(at + 1 + i, text[i]);
            }
            ids.put(at + 1 + text.length, Vocabulary.END);
            for (int i = 0; i < text.length + 2; i++) {
                mask.put(at + i, 1);
            }
            ownerBuffer.put(row, owners[own[row]]);
        }
        return new TextBucket(own.length, length, ids, mask, ownerBuffer);
    }
}
