package perdura.datasets.synth;

import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.Visit.PlacedFinding;

/**
 * The build of one patient's chest, in shares of the image. The right lung is on the left of the image.
 *
 * @param lungWidth half axis of a lung
 * @param lungHeight half axis of a lung
 * @param apart distance of a lung's centre from the middle
 * @param lungTop v of the lungs' centres
 * @param heartWidth half axis of the heart
 * @param ribs ribs over the height of the image
 * @param soft brightness of the soft tissue before the lower lungs
 * @param collar v of the collar bones' inner ends
 * @param airRight brightness of the right lung
 * @param airLeft brightness of the left lung
 */
record Anatomy(
        double lungWidth,
        double lungHeight,
        double apart,
        double lungTop,
        double heartWidth,
        double ribs,
        double soft,
        double collar,
        double airRight,
        double airLeft) {
    private static final double[] ENLARGED = {0, 0.4, 0.6, 0.8};

    /** The build of a healthy chest. */
    static Anatomy draw(Patient.Sex sex, Difficulty difficulty, RandomStream random) {
        double variety = difficulty.variety();
        double soft = (sex == Patient.Sex.FEMALE ? 0.07 : 0.01) * (1 + variety * spread(random));
        return new Anatomy(
                0.165 + 0.01 * variety * spread(random),
                0.32 + 0.02 * variety * spread(random),
                0.215 + 0.01 * variety * spread(random),
                0.445 + 0.015 * variety * spread(random),
                0.125 + 0.01 * variety * spread(random),
                10 + variety * spread(random),
                Math.max(0, soft),
                0.16 + 0.02 * variety * spread(random),
                0.16 + 0.025 * variety * spread(random),
                0.16 + 0.025 * variety * spread(random));
    }

    /** This chest as a study finds it: an enlarged heart is enlarged by its size. */
    Anatomy during(Visit visit, Difficulty difficulty) {
        double width = heartWidth;
        for (PlacedFinding placed : visit.findings()) {
            if (placed.finding() == Finding.CARDIOMEGALY) {
                width *= 1 + ENLARGED[placed.size()] * difficulty.contrast();
            }
        }
        return new Anatomy(lungWidth, lungHeight, apart, lungTop, width, ribs, soft, collar, airRight, airLeft);
    }

    /** Brightness of the lung at a place. */
    double air(double u) {
        return u < 0.5 ? airRight : airLeft;
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

    /** What soft tissue adds in front of the lower lungs. */
    double softTissue(double u, double v) {
        double distance = ellipse(Math.abs(u - 0.5), v, apart + 0.02, lungTop + 0.2, 0.16, 0.15);
        return soft * (1 - Shade.step(0.7, 1.1, distance));
    }

    /** Counts ribs downwards; they fall towards the flanks. */
    double ribPhase(double u, double v) {
        double flank = Math.abs(u - 0.5);
        return (v - 0.9 * flank * flank) * ribs;
    }

    /** How much of a place is collar bone, 0 to 1. */
    double collarBone(double u, double v) {
        double flank = Math.abs(u - 0.5);
        double line = collar + 0.03 - 0.25 * (flank - 0.06);
        double ends = Shade.step(0.04, 0.07, flank) * (1 - Shade.step(0.30, 0.36, flank));
        return ends * Shade.inside(Math.abs(v - line) / 0.014);
    }

    /** Distance from a centre in units of the half axes. */
    static double ellipse(double u, double v, double centreU, double centreV, double halfU, double halfV) {
        double x = (u - centreU) / halfU;
        double y = (v - centreV) / halfV;
        return Math.sqrt(x * x + y * y);
    }

    /** Uniform in [-1, 1). */
    static double spread(RandomStream random) {
        return 2 * random.nextDouble() - 1;
    }
}
