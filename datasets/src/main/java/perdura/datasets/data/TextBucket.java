package perdura.datasets.data;

import java.nio.LongBuffer;

/**
 * Sentences of about the same length, each encoded on its own: {@code [CLS] pieces [SEP]} and padding. All buffers are
 * direct, in native order.
 *
 * @param rows sentences R
 * @param length positions L of the longest one
 * @param ids [R, L], vocabulary ids, padded with 0
 * @param attentionMask [R, L], 1 for a position that holds a piece, 0 for padding
 * @param owners [R], the study of each sentence in its batch, from 0
 */
public record TextBucket(int rows, int length, LongBuffer ids, LongBuffer attentionMask, LongBuffer owners) {}
