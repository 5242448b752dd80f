package perdura.datasets.synth;

import perdura.datasets.seeds.RandomStream;

/** Cheap bell-shaped noise. */
final class Grain {
    private Grain() {}

    /** The sum of four uniform draws from [-0.5, 0.5): mean 0, deviation 1/sqrt(3), from one word of bits. */
    static double draw(RandomStream random) {
        long bits = random.nextLong();
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return sum / 65535.0 - 2;
    }
}
