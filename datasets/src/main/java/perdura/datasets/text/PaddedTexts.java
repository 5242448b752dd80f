package perdura.datasets.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;

/**
 * Texts as an engine takes them, padded to the longest: buffers outside of the heap, each [size, length], row by row.
 *
 * @param ids of the pieces; {@link Vocabulary#PAD} after the end
 * @param mask 1 where there is text, 0 after the end
 * @param map sentence of each position, from 1; -1 for none
 */
public record PaddedTexts(int size, int length, LongBuffer ids, LongBuffer mask, LongBuffer map) {
    /** @param texts at least one */
    public static PaddedTexts of(List<EncodedReport> texts) {
        int size = texts.size();
        int length = texts.stream().mapToInt(EncodedReport::length).max().orElseThrow();
        LongBuffer ids = longs(size, length);
        LongBuffer mask = longs(size, length);
        LongBuffer map = longs(size, length);
        for (int row = 0; row < size; row++) {
            EncodedReport text = texts.get(row);
            for (int i = 0; i < length; i++) {
                boolean isText = i < text.length();
                ids.put(row * length + i, isText ? text.id(i) : Vocabulary.PAD);
                mask.put(row * length + i, isText ? 1 : 0);
                map.put(row * length + i, isText ? text.sentence(i) : -1);
            }
        }
        return new PaddedTexts(size, length, ids, mask, map);
    }

    private static LongBuffer longs(int rows, int columns) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(Long.BYTES, Math.multiplyExact(rows, columns)))
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
    }
}
