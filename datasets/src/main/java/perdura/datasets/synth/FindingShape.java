package perdura.datasets.synth;

import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.Visit.PlacedFinding;

/** What a finding changes in the image: where, how strongly, and towards which value. */
final class FindingShape {
    private static final double[] FLUID_LEVEL = {0, 0.66, 0.56, 0.44};
    private static final double FLUID_FLOOR = 0.78;
    private static final double[] BLOB = {0, 0.070, 0.095, 0.125};
    private static final double[] EDEMA_DEPTH = {0, 0.35, 0.55, 0.75};
    private static final double[] BAND = {0, 0.030, 0.040, 0.052};
    private static final double[] COLLAPSE = {0, 0.84, 0.71, 0.58};

    private final PlacedFinding finding;
    private final Anatomy anatomy;
    private final Difficulty difficulty;
    private final double jitterU;
    private final double jitterV;
    private final double slope;
    private final Haze texture;

    /** @param random draws that are the same for all studies in which the patient has this finding at this place */
    FindingShape(PlacedFinding finding, Anatomy anatomy, Difficulty difficulty, RandomStream random) {
        this.finding = finding;
        this.anatomy = anatomy;
        this.difficulty = difficulty;
        this.jitterU = 0.03 * Anatomy.spread(random);
        this.jitterV = 0.03 * Anatomy.spread(random);
        this.slope = 0.35 + 0.3 * random.nextDouble();
        this.texture = finding.finding() == Finding.EDEMA ? Haze.patchy(random, 0.3) : Haze.slow(random, 0.06);
    }

    PlacedFinding finding() {
        return finding;
    }

    /** How much of a place belongs to the finding, 0 to 1: the truth, whatever the contrast. */
    double cover(double u, double v) {
        return switch (finding.side()) {
            case RIGHT -> cover(u, v, -1);
            case LEFT -> cover(u, v, 1);
            case BOTH -> Math.max(cover(u, v, -1), cover(u, v, 1));
        };
    }

    /** How much of what lies behind a fully covered place is hidden, 0 to 1. */
    double opacity() {
        double opacity = switch (finding.finding()) {
            case EFFUSION -> 1;
            case PNEUMOTHORAX -> 0.9;
            case CONSOLIDATION -> 0.85;
            case ATELECTASIS -> 0.9;
            case EDEMA -> EDEMA_DEPTH[finding.size()];
            case CARDIOMEGALY -> 0; // drawn with the anatomy
        };
        return Math.min(1, opacity * difficulty.contrast());
    }

    /** The value that a place has where the finding hides everything. */
    double target(double value, double u, double v) {
        return switch (finding.finding()) {
            case EFFUSION -> ChestDrawing.FLUID;
            case CONSOLIDATION -> 0.62 + texture.at(u, v);
            case EDEMA -> Math.max(value, 0.50 + texture.at(u, v));
            case ATELECTASIS -> 0.66;
            case PNEUMOTHORAX -> collapsed(u, v, u < 0.5 ? -1 : 1) < 1.06 ? 0.50 : 0.03;
            case CARDIOMEGALY -> value;
        };
    }

    private double cover(double u, double v, int imageSide) {
        double lung = anatomy.lungDistance(u, v, imageSide);
        if (lung > 1.1 && finding.finding() != Finding.CARDIOMEGALY) {
            return 0;
        }
        return switch (finding.finding()) {
            case EFFUSION -> Shade.inside(lung) * fluid(u, v, imageSide);
            case CONSOLIDATION -> Shade.inside(lung) * blob(u, v, imageSide);
            case CARDIOMEGALY -> Shade.inside(anatomy.heart(u, v));
            case EDEMA -> Shade.inside(lung) * hilum(u, v, imageSide);
            case ATELECTASIS -> Shade.inside(lung) * band(u, v, imageSide);
            case PNEUMOTHORAX -> Shade.inside(lung) * (1 - Shade.inside(anatomy.heart(u, v))) * rim(u, v, imageSide);
        };
    }

    /** Below a level that rises towards the flank. */
    private double fluid(double u, double v, int imageSide) {
        double outwards = Math.max(0, imageSide * (u - anatomy.lungU(imageSide)) / anatomy.lungWidth() + 0.3);
        double depth = (FLUID_FLOOR - FLUID_LEVEL[finding.size()]) * difficulty.extent();
        double level = FLUID_FLOOR - depth + jitterV - 0.07 * outwards * outwards;
        return Shade.step(level - 0.015, level + 0.015, v);
    }

    private double blob(double u, double v, int imageSide) {
        double radius = BLOB[finding.size()] * difficulty.extent();
        double distance =
                Anatomy.ellipse(u, v, anatomy.lungU(imageSide) + jitterU, zoneV() + jitterV, radius, radius * 0.9);
        return 1 - Shade.step(0.6, 1.3, distance);
    }

    private double hilum(double u, double v, int imageSide) {
        double distance = Anatomy.ellipse(
                u, v, anatomy.lungU(imageSide) - imageSide * 0.07, anatomy.lungTop() + 0.02, 0.15, 0.20);
        return 1 - Shade.step(0.3, 1.1, distance / difficulty.extent());
    }

    private double band(double u, double v, int imageSide) {
        double along = (u - anatomy.lungU(imageSide)) * imageSide;
        double half = BAND[finding.size()] * difficulty.extent();
        double distance = Math.abs(v - zoneV() - jitterV - slope * along) / half;
        double ends = 1 - Shade.step(0.7, 1.0, Math.abs(along) / anatomy.lungWidth());
        return ends * (1 - Shade.step(0.7, 1.2, distance));
    }

    /** Between the chest wall and the lung's own edge, which has drawn away from the apex. */
    private double rim(double u, double v, int imageSide) {
        return Shade.step(0.97, 1.03, collapsed(u, v, imageSide));
    }

    private double collapsed(double u, double v, int imageSide) {
        double lost = (1 - COLLAPSE[finding.size()]) * difficulty.extent();
        return Anatomy.ellipse(
                u,
                v,
                anatomy.lungU(imageSide) - imageSide * lost * anatomy.lungWidth() * 0.6,
                anatomy.lungTop() + lost * anatomy.lungHeight() * 0.8,
                anatomy.lungWidth() * (1 - lost),
                anatomy.lungHeight() * (1 - lost));
    }

    private double zoneV() {
        return anatomy.lungTop()
                + switch (finding.zone()) {
                    case UPPER -> -0.19;
                    case MID, WHOLE -> 0;
                    case LOWER -> 0.18;
                };
    }
}
