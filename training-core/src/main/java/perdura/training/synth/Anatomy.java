package perdura.training.synth;

import perdura.training.seeds.RandomStream;
import perdura.training.seeds.Seeds;

/**
 * The build of one patient's chest, in shares of the image. The right lung is on the left of the image.
 *
 * @param lungWidth half axis of a lung
 * @param lungHeight half axis of a lung
 * @param apart distance of a lung's centre from the middle
 * @param lungTop v of the lungs' centres
 * @param heartWidth half axis of the heart, an enlarged one included
 * @param ribs ribs over the height of the image
 */
record Anatomy(double lungWidth, double lungHeight, double apart, double lungTop, double heartWidth, double ribs) {
    private static final double[] ENLARGED = {1, 1.4, 1.6, 1.8};

    static Anatomy draw(SyntheticStudy study, long seed) {
        RandomStream random = Seeds.stream(seed, "synth-anatomy", study.index());
        int enlarged = 0;
        for (PlacedFinding placed : study.findings()) {
            if (placed.finding() == Finding.CARDIOMEGALY) {
                enlarged = placed.size();
            }
        }
        return new Anatomy(
                0.155 + 0.02 * random.nextDouble(),
                0.30 + 0.04 * random.nextDouble(),
                0.205 + 0.02 * random.nextDouble(),
                0.43 + 0.03 * random.nextDouble(),
                (0.115 + 0.02 * random.nextDouble()) * ENLARGED[enlarged],
                9 + 2 * random.nextDouble());
    }

    /** How much of a place is lung, 0 to 1. */
    double lung(double u, double v) {
        return Shade.inside(Math.min(lungDistance(u, v, -1), lungDistance(u, v, 1)));
    }

    /**
     * Elliptic distance from the centre of a lung: 1 on its edge.
     *
     * @param imageSide -1 for the left of the image, 1 for its right
     */
    double lungDistance(double u, double v, int imageSide) {
        return ellipse(u, v, lungU(imageSide), lungTop, lungWidth, lungHeight);
    }

    /** The centre of a lung. */
    double lungU(int imageSide) {
        return 0.5 + imageSide * apart;
    }

    /** Elliptic distance from the centre of the heart: 1 on its edge. */
    double heart(double u, double v) {
        return ellipse(u, v, 0.5 + heartWidth * 0.3, 0.62, heartWidth, 0.13);
    }

    /** Counts ribs downwards; they fall towards the flanks. */
    double ribPhase(double u, double v) {
        double flank = Math.abs(u - 0.5);
        return (v - 0.9 * flank * flank) * ribs;
    }

    /** Distance from a centre in units of the half axes. */
    static double ellipse(double u, double v, double centreU, double centreV, double halfU, double halfV) {
        double x = (u - centreU) / halfU;
        double y = (v - centreV) / halfV;
        return Math.sqrt(x * x + y * y);
    }
}
