package perdura.training.methods.sense.cluster;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * Some centroids as one side of the product that scores pairs: x.c - |c|^2/2 is the greater, the nearer c is to x. A centroid's row is c,
 * or what {@link PrincipalAxes} tell of it, and -|c|^2/2; a point's row ends with 1. With axes a score is not lower than that.
 *
 * @param chosen their numbers, ascending
 * @param rows [k, w], on the device
 * @param width w
 * @param greatest norm of a centroid
 * @param axes null if all coordinates take part
 */
record ScoredCentroids(
        int[] chosen,
        Tensor rows,
        int width,
        double greatest,
        @Nullable PrincipalAxes axes) {
    /** Half the distance from 1 to the next float. */
    private static final double UNIT = 0x1p-24;

    /** @param alive called now and then */
    static ScoredCentroids of(
            StepScope scope, Centroids centroids, int[] chosen, @Nullable PrincipalAxes axes, Runnable alive) {
        Points vectors = centroids.choose(chosen);
        int d = vectors.width();
        int width = axes == null ? d + 1 : axes.width();
        float[] told = axes == null ? new float[chosen.length * width] : axes.tell(vectors, alive);
        float[] row = new float[d];
        double greatest = 0;
        for (int k = 0; k < chosen.length; k++) {
            vectors.copy(k, row, 0);
            if (axes == null) {
                System.arraycopy(row, 0, told, k * width, d);
            }
            double square = square(row);
            told[(k + 1) * width - 1] = (float) (-square / 2);
            greatest = Math.max(greatest, square);
        }
        Tensor rows = scope.floats(FloatBuffer.wrap(told), chosen.length, width);
        return new ScoredCentroids(chosen, rows, width, Math.sqrt(greatest), axes);
    }

    static double square(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return sum;
    }

    /**
     * How far a score may be from what it stands for, by rounding: the usual bound of a product of so many terms, in whatever order they are
     * added (Higham 2002, section 3.1), with room for the rounding of the rows themselves and of distances in double.
     *
     * @param square of the point's norm
     */
    double slack(double square) {
        return 1.01 * (width + 8) * UNIT * (Math.sqrt(square) * greatest + greatest * greatest / 2);
    }
}
