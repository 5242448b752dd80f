package perdura.training.tasks;

import perdura.datasets.array.NpyFile;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.RowList;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Mean and deviation over all pixels of some images, in [0, 1] (prior.md 4).
 *
 * @param deviation that of the population, above 0
 */
public record PixelStatistics(double mean, double deviation) {
    /**
     * Of the first images of rows. Counts grey values, so the order of the rows is of no matter.
     *
     * @throws PerduraException INVALID_DATA if all pixels are alike
     */
    public static PixelStatistics of(DataSet data, RowList rows) {
        NpyFile images = data.images();
        byte[] pixels = new byte[images.rowBytes()];
        long[] counts = new long[256];
        for (int i = 0; i < rows.size(); i++) {
            images.read(data.firstImage(rows.at(i)), pixels, 0);
            for (byte pixel : pixels) {
                counts[pixel & 0xFF]++;
            }
        }
        double total = (double) rows.size() * pixels.length;
        double mean = 0;
        for (int value = 0; value < counts.length; value++) {
            mean += value / 255.0 * counts[value] / total;
        }
        double variance = 0;
        for (int value = 0; value < counts.length; value++) {
            double apart = value / 255.0 - mean;
            variance += apart * apart * counts[value] / total;
        }
        if (!(variance > 1e-12)) { // rounding leaves that much of nothing
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "data set " + data.header().digest() + ": the pixels of all " + rows.size()
                            + " training images are alike; nothing can be learned from them");
        }
        return new PixelStatistics(mean, Math.sqrt(variance));
    }

    /** The normalisation to mean 0 and deviation 1, the same on each plane. */
    public Normalization scale(int planes) {
        return Normalization.of(planes, mean, deviation);
    }
}
