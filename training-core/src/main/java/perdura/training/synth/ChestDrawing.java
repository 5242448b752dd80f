package perdura.training.synth;

import java.util.ArrayList;
import java.util.List;
import perdura.training.seeds.RandomStream;
import perdura.training.seeds.Seeds;
import perdura.training.synth.SyntheticStudy.SyntheticImage;

/**
 * Draws one radiograph: body, lungs, spine, ribs, heart, then the findings, then noise and exposure. The place of a pixel is
 * given in shares of the image, u to the right and v downwards, after a small turn, shift and stretch that make every
 * patient another. Values lie in [0, 1], dark is air. Only exact or strict arithmetic is used, so that the pixels are the
 * same on every machine.
 */
final class ChestDrawing {
    private static final double AIR = 0.16;
    private static final double TISSUE = 0.58;
    private static final double HEART = 0.70;
    private static final double FLUID = 0.74;
    private static final int EXPOSURE_LEVELS = 1024;

    private final SyntheticImage image;
    private final List<FindingShape> shapes = new ArrayList<>();
    private final Anatomy anatomy;
    private final RandomStream random;
    private final double turnCos;
    private final double turnSin;
    private final double stretch;
    private final double shiftU;
    private final double shiftV;
    private final double[] exposure = new double[EXPOSURE_LEVELS + 1];
    private final Haze haze;

    private ChestDrawing(SyntheticStudy study, SyntheticImage image, long seed) {
        this.image = image;
        this.anatomy = Anatomy.draw(study, seed);
        for (PlacedFinding finding : study.findings()) {
            shapes.add(FindingShape.of(
                    finding,
                    anatomy,
                    Seeds.stream(
                            seed,
                            "synth-shape",
                            study.index(),
                            finding.finding().key())));
        }
        this.random = Seeds.stream(seed, "synth-image", study.index(), image.dicomId());
        double turn = (2 * random.nextDouble() - 1) * 0.06;
        this.turnCos = StrictMath.cos(turn);
        this.turnSin = StrictMath.sin(turn);
        this.stretch = 0.95 + 0.1 * random.nextDouble();
        this.shiftU = (2 * random.nextDouble() - 1) * 0.03;
        this.shiftV = (2 * random.nextDouble() - 1) * 0.03;
        double gamma = 0.85 + 0.3 * random.nextDouble();
        double gain = 0.85 + 0.2 * random.nextDouble();
        double offset = 0.06 * random.nextDouble();
        for (int i = 0; i <= EXPOSURE_LEVELS; i++) {
            exposure[i] = 255 * (offset + gain * StrictMath.pow((double) i / EXPOSURE_LEVELS, gamma));
        }
        this.haze = new Haze(random, 0.035);
    }

    /** Draws an image of a study. */
    static DrawnImage draw(SyntheticStudy study, SyntheticImage image, long seed) {
        return new ChestDrawing(study, image, seed).draw();
    }

    private DrawnImage draw() {
        int width = image.width();
        int height = image.height();
        byte[] pixels = new byte[width * height];
        List<FindingBox> boxes = new ArrayList<>();
        if (image.isFrontal()) {
            shapes.forEach(shape -> boxes.add(new FindingBox(shape.finding())));
        }
        for (int y = 0; y < height; y++) {
            double v0 = ((y + 0.5) / height - 0.5 - shiftV) / stretch;
            for (int x = 0; x < width; x++) {
                double u0 = ((x + 0.5) / width - 0.5 - shiftU) / stretch;
                double u = 0.5 + turnCos * u0 + turnSin * v0;
                double v = 0.5 - turnSin * u0 + turnCos * v0;
                double value = image.isFrontal() ? frontal(u, v, x, y, boxes) : lateral(u, v);
                value += haze.at((double) x / width, (double) y / height) + grain();
                pixels[y * width + x] = exposed(value);
            }
        }
        return new DrawnImage(pixels, boxes);
    }

    private double frontal(double u, double v, int x, int y, List<FindingBox> boxes) {
        double value = background(u, v);
        for (int i = 0; i < shapes.size(); i++) {
            FindingShape shape = shapes.get(i);
            double strength = shape.strength(u, v);
            if (strength > 0) {
                value += strength * (shape.target(value, u, v) - value);
                if (strength > 0.3) {
                    boxes.get(i).include(x, y);
                }
            }
        }
        return value;
    }

    private double background(double u, double v) {
        double body = Shade.inside(Anatomy.ellipse(u, v, 0.5, 0.62, 0.49, 0.72));
        double value = body * TISSUE;
        double lung = anatomy.lung(u, v);
        if (lung > 0) {
            double rib = Shade.band(anatomy.ribPhase(u, v), 0.22);
            value += lung * (AIR + 0.07 * rib - value);
        }
        double spine = Shade.inside(Math.abs(u - 0.5) / 0.045);
        value += 0.10 * spine * body;
        double heart = Shade.inside(anatomy.heart(u, v));
        return value + heart * (HEART - value) * 0.85;
    }

    /** Lungs over each other, spine behind, heart in front; shows no finding, for it is filtered out. */
    private double lateral(double u, double v) {
        double value = TISSUE * Shade.inside(Anatomy.ellipse(u, v, 0.5, 0.6, 0.40, 0.70));
        double lung = Shade.inside(Anatomy.ellipse(u, v, 0.5, 0.44, 0.27, 0.34));
        value += lung * (AIR - value) * 0.8;
        value += 0.15 * Shade.inside(Math.abs(u - 0.74) / 0.05);
        return value + 0.35 * Shade.inside(Anatomy.ellipse(u, v, 0.36, 0.62, 0.14, 0.16));
    }

    /** About normal with deviation 0.02: the sum of four uniform draws. */
    private double grain() {
        long bits = random.nextLong();
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum / 65535.0 - 2) * 0.035;
    }

    private byte exposed(double value) {
        double clipped = Math.max(0, Math.min(1, value));
        double level = exposure[(int) (clipped * EXPOSURE_LEVELS)];
        return (byte) (int) Math.max(0, Math.min(255, level));
    }

    static double fluid() {
        return FLUID;
    }
}
