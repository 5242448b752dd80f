package perdura.datasets.ingest;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.source.FaultList.DataFault;

/**
 * What a part came to.
 *
 * @param leftOut what it leaves out
 * @param faults the first ones; {@link FaultFile} has all
 * @param faultCount all of them
 * @param pixels sums over the pixels of the first view, by split
 */
record PartSummary(
        Map<Exclusion, Long> leftOut, List<DataFault> faults, long faultCount, Map<String, PixelSums> pixels) {
    static final String FILE = "part.json";

    PartSummary {
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        faults = List.copyOf(faults);
        pixels = Collections.unmodifiableMap(new LinkedHashMap<>(pixels));
    }

    /**
     * Exact sums over 8-bit pixels.
     *
     * @param count of pixels
     * @param sum of their values
     * @param squares sum of their squares
     */
    record PixelSums(long count, long sum, long squares) {
        static final PixelSums NONE = new PixelSums(0, 0, 0);

        PixelSums plus(PixelSums other) {
            return new PixelSums(count + other.count, sum + other.sum, squares + other.squares);
        }

        PixelSums plus(byte[] pixels) {
            long ownSum = 0;
            long ownSquares = 0;
            for (byte pixel : pixels) {
                int value = pixel & 0xFF;
                ownSum += value;
                ownSquares += (long) value * value;
            }
            return plus(new PixelSums(pixels.length, ownSum, ownSquares));
        }
    }
}
