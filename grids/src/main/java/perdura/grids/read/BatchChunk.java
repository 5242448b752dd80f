package perdura.grids.read;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads {@code batchChunk}: chunks of a batch are alike, more than one, and have the two samples that BatchNorm needs. */
final class BatchChunk {
    private static final int LEAST = 2;

    private BatchChunk() {}

    static @Nullable Integer read(Fields root, int batchSize) {
        Long chunk = root.wholeNumberOrNull("batchChunk", LEAST);
        if (chunk == null) {
            return null;
        }
        boolean fits = isChunk(chunk, batchSize);
        root.checkFit(
                fits,
                "batchChunk",
                "batchSize",
                "must divide batchSize = " + batchSize + " and be below it, was " + chunk + "; "
                        + nearest(chunk, batchSize)
                                .map(near -> near + " does; null takes the whole batch")
                                .orElse("no number does: take another batchSize, or null for the whole batch"));
        return fits ? Integer.valueOf(chunk.intValue()) : null;
    }

    private static boolean isChunk(long chunk, int batchSize) {
        return chunk >= LEAST && chunk < batchSize && batchSize % chunk == 0;
    }

    private static Optional<Integer> nearest(long wanted, int batchSize) {
        return IntStream.rangeClosed(LEAST, batchSize / 2)
                .filter(chunk -> isChunk(chunk, batchSize))
                .boxed()
                .min(Comparator.comparingLong(chunk -> Math.abs(chunk - wanted)));
    }
}
