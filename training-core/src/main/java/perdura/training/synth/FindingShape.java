package perdura.training.synth;

import perdura.training.seeds.RandomStream;

/** What a finding changes in the image: how strongly at a place, and towards which value. */
final class FindingShape {
    private static final double[] FLUID_LEVEL = {0, 0.66, 0.56, 0.44};
    private static final double[] BLOB = {0, 0.060, 0.085, 0.115};
    private static final double[] EDEMA_DEPTH = {0, 0.35, 0.55, 0.75};
    private static final double[] BAND = {0, 0.026, 0.034, 0.044};
    private static final double[] COLLAPSE = {0, 0.82, 0.70, 0.58};

    private final PlacedFinding finding;
    private final Anatomy anatomy;
    private final double jitterU;
    private final double jitterV;
    private final double slope;
    private final Haze texture;

    private FindingShape(PlacedFinding finding, Anatomy anatomy, RandomStream random) {
        this.finding = finding;
        this.anatomy = anatomy;
        this.jitterU = (2 * random.nextDouble() - 1) * 0.03;
        this.jitterV = (2 * random.nextDouble() - 1) * 0.03;
        this.slope = 0.35 + 0.3 * random.nextDouble();
        this.texture = new Haze(random, 0.3);
    }

    static FindingShape of(PlacedFinding finding, Anatomy anatomy, RandomStream random) {
        return new FindingShape(finding, anatomy, random);
    }

    PlacedFinding finding() {
        return finding;
    }

    /** 0 where the finding changes nothing, 1 where nothing else is seen. */
    double strength(double u, double v) {
        return switch (finding.side()) {
            case RIGHT -> strength(u, v, -1);
            case LEFT -> strength(u, v, 1);
            case BOTH -> Math.max(strength(u, v, -1), strength(u, v, 1));
        };
    }

    /** The value that a place has where the finding is at full strength. */
    double target(double value, double u, double v) {
        return switch (finding.finding()) {
            case EFFUSION -> ChestDrawing.fluid();
            case CONSOLIDATION -> 0.62 + 0.2 * texture.at(u, v);
            case EDEMA -> Math.max(value, 0.50 + texture.at(u * 2.5 % 1, v * 2.5 % 1));
            case ATELECTASIS -> 0.66;
            case PNEUMOTHORAX -> edgeLine(u, v) ? 0.55 : 0.03;
            case CARDIOMEGALY -> value;
        };
    }

    private double strength(double u, double v, int imageSide) {
        double lung = anatomy.lungDistance(u, v, imageSide);
        if (lung > 1.1 && finding.finding() != Finding.CARDIOMEGALY) {
            return 0;
        }
        return switch (finding.finding()) {
            case EFFUSION -> Shade.inside(lung) * fluid(u, v, imageSide);
            case CONSOLIDATION -> 0.85 * Shade.inside(lung) * blob(u, v, imageSide);
            case CARDIOMEGALY -> Shade.inside(anatomy.heart(u, v)); // drawn with the anatomy; marked for the truth
            case EDEMA -> EDEMA_DEPTH[finding.size()] * Shade.inside(lung) * hilum(u, v, imageSide);
            case ATELECTASIS -> 0.9 * Shade.inside(lung) * band(u, v, imageSide);
            case PNEUMOTHORAX -> Shade.inside(lung) * (1 - Shade.inside(anatomy.heart(u, v))) * rim(u, v, imageSide);
        };
    }

    /** Below a level that rises towards the flank. */
    private double fluid(double u, double v, int imageSide) {
        double outwards = Math.max(0, imageSide * (u - anatomy.lungU(imageSide)) / anatomy.lungWidth() + 0.3);
        double level = FLUID_LEVEL[finding.size()] + jitterV - 0.07 * outwards * outwards;
        return Shade.step(level - 0.015, level + 0.015, v);
    }

    private double blob(double u, double v, int imageSide) {
        double radius = BLOB[finding.size()];
        double distance =
                Anatomy.ellipse(u, v, anatomy.lungU(imageSide) + jitterU, zoneV() + jitterV, radius, radius * 0.9);
        return 1 - Shade.step(0.6, 1.3, distance);
    }

    private double hilum(double u, double v, int imageSide) {
        double distance = Anatomy.ellipse(
                u, v, anatomy.lungU(imageSide) - imageSide * 0.07, anatomy.lungTop() + 0.02, 0.15, 0.20);
        return 1 - Shade.step(0.3, 1.1, distance);
    }

    private double band(double u, double v, int imageSide) {
        double along = (u - anatomy.lungU(imageSide)) * imageSide;
        double distance = Math.abs(v - zoneV() - jitterV - slope * along) / BAND[finding.size()];
        double ends = 1 - Shade.step(0.7, 1.0, Math.abs(along) / anatomy.lungWidth());
        return ends * (1 - Shade.step(0.7, 1.2, distance));
    }

    /** Between the chest wall and the lung's own edge, which has drawn away from the apex. */
    private double rim(double u, double v, int imageSide) {
        return Shade.step(0.97, 1.03, collapsed(u, v, imageSide));
    }

    private boolean edgeLine(double u, double v) {
        int imageSide = finding.side() == PlacedFinding.Side.LEFT ? 1 : -1;
        double distance = collapsed(u, v, imageSide);
        return distance < 1.07;
    }

    private double collapsed(double u, double v, int imageSide) {
        double share = COLLAPSE[finding.size()];
        return Anatomy.ellipse(
                u,
                v,
                anatomy.lungU(imageSide) - imageSide * (1 - share) * anatomy.lungWidth() * 0.6,
                anatomy.lungTop() + (1 - share) * anatomy.lungHeight() * 0.8,
                anatomy.lungWidth() * share,
                anatomy.lungHeight() * share);
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
