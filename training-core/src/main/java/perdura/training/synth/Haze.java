package perdura.training.synth;

import perdura.training.seeds.RandomStream;

/** Smooth noise: normal draws on a coarse grid, bilinear between them. */
final class Haze {
    private static final int CELLS = 9;

    private final double[] values = new double[(CELLS + 1) * (CELLS + 1)];

    Haze(RandomStream random, double deviation) {
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * random.nextGaussian();
        }
    }

    /** The noise at a place, both shares in [0, 1]. */
    double at(double u, double v) {
        double x = Math.max(0, Math.min(u, 0.999)) * CELLS;
        double y = Math.max(0, Math.min(v, 0.999)) * CELLS;
        int column = (int) x;
        int row = (int) y;
        double right = x - column;
        double down = y - row;
        int at = row * (CELLS + 1) + column;
        double upper = values[at] * (1 - right) + values[at + 1] * right;
        double lower = values[at + CELLS + 1] * (1 - right) + values[at + CELLS + 2] * right;
        return upper * (1 - down) + lower * down;
    }
}
