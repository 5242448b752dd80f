package perdura.datasets.synth;

import perdura.datasets.seeds.RandomStream;

/** Smooth noise: draws on a coarse grid, bilinear between them. */
final class Haze {
    private final int cells;
    private final double[] values;

    private Haze(int cells, double[] values) {
        this.cells = cells;
        this.values = values;
    }

    /** Normal draws on a grid of nine cells a side. */
    static Haze slow(RandomStream random, double deviation) {
        return normal(random, deviation, 9);
    }

    /** Normal draws on a grid of 22 cells a side. */
    static Haze patchy(RandomStream random, double deviation) {
        return normal(random, deviation, 22);
    }

    /** About normal draws on a grid of 72 cells a side, about as fine as small models look. */
    static Haze fine(RandomStream random, double deviation) {
        double[] values = new double[73 * 73];
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * Grain.draw(random) * Math.sqrt(3);
        }
        return new Haze(72, values);
    }

    private static Haze normal(RandomStream random, double deviation, int cells) {
        double[] values = new double[(cells + 1) * (cells + 1)];
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return new Haze(cells, values);
    }

    /** The noise at a place, both shares in [0, 1]. */
    double at(double u, double v) {
        double x = Math.max(0, Math.min(u, 0.999)) * cells;
        double y = Math.max(0, Math.min(v, 0.999)) * cells;
        int column = (int) x;
        int row = (int) y;
        double right = x - column;
        double down = y - row;
        int at = row * (cells + 1) + column;
        double upper = values[at] * (1 - right) + values[at + 1] * right;
        double lower = values[at + cells + 1] * (1 - right) + values[at + cells + 2] * right;
        return upper * (1 - down) + lower * down;
    }

    /** Cheap bell-shaped noise. */
    static final class Grain {
        private Grain() {}

        /** The sum of four uniform draws from [-0.5, 0.5): mean 0, deviation 1/sqrt(3), from one word of bits. */
        static double draw(RandomStream random) {
            long bits = random.nextLong();
            long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
            return sum / 65535.0 - 2;
        }
    }
}
