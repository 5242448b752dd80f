package perdura.training.methods.sense.cluster;

import java.nio.FloatBuffer;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Points that are clustered: [N, D] float32. */
final class Points {
    private final FloatBuffer values;
    private final int width;
    private final int count;

    Points(FloatBuffer values, int width) {
        if (width < 1 || values.limit() == 0 || values.limit() % width != 0) {
            throw new IllegalArgumentException(
                    values.limit() + " numbers are not points of width " + width + ", or none");
        }
        this.values = values;
        this.width = width;
        this.count = values.limit() / width;
    }

    int count() {
        return count;
    }

    int width() {
        return width;
    }

    /** Copies one point. */
    void copy(int point, float[] target, int at) {
        values.get(point * width, target, at, width);
    }

    /** Copies of some points. */
    Points choose(int[] chosen) {
        float[] rows = new float[chosen.length * width];
        for (int i = 0; i < chosen.length; i++) {
            copy(chosen[i], rows, i * width);
        }
        return new Points(FloatBuffer.wrap(rows), width);
    }

    void requireFinite() {
        float[] row = new float[width];
        for (int i = 0; i < count; i++) {
            copy(i, row, 0);
            for (int d = 0; d < width; d++) {
                if (!Float.isFinite(row[d])) {
                    throw new PerduraException(
                            ErrorCode.INVALID_DATA,
                            "the feature of study row " + i + " must be finite, its coordinate " + d + " was "
                                    + row[d]);
                }
            }
        }
    }
}
