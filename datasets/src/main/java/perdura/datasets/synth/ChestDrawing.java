package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.image.PixelMask;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.DrawnImage.FindingTrace;
import perdura.datasets.synth.Haze.Grain;
import perdura.datasets.synth.Visit.PlacedFinding;
import perdura.grids.spec.EnumWord;

/**
 * Draws one radiograph: body, lungs, bones, heart, then the findings, a catheter, then noise and exposure. The place of a
 * pixel is given in shares of the image, u to the right and v downwards, after the turn, shift and stretch of the
 * acquisition. Values lie in [0, 1], dark is air. Only exact or strict arithmetic is used, so that the pixels are the same
 * on every machine.
 */
final class ChestDrawing {
    static final double FLUID = 0.74;
    private static final double AIR = 0.16;
    private static final double TISSUE = 0.58;
    private static final double HEART = 0.70;
    private static final double METAL = 0.95;
    private static final int EXPOSURE_LEVELS = 4096;

    private final Shot shot;
    private final Visit.Catheter catheter;
    private final Anatomy anatomy;
    private final Acquisition acquisition;
    private final List<FindingShape> shapes = new ArrayList<>();
    private final RandomStream random;
    private final Haze haze;
    private final Haze mottle;
    private final Haze vessels;

    private ChestDrawing(SynthConfig config, Patient patient, Visit visit, Shot shot) {
        Difficulty difficulty = new Difficulty(config.difficulty());
        this.shot = shot;
        this.catheter = visit.catheter();
        this.anatomy = patient.anatomy().during(visit, difficulty);
        for (PlacedFinding placed : visit.findings()) {
            shapes.add(new FindingShape(
                    placed,
                    anatomy,
                    difficulty,
                    patient.stream(
                            config,
                            "synth-shape",
                            placed.finding().key(),
                            EnumWord.of(placed.side()),
                            EnumWord.of(placed.zone()))));
        }
        this.random = patient.stream(config, "synth-image", visit.number(), shot.number());
        this.acquisition = Acquisition.draw(config.format(), difficulty, random);
        this.haze = Haze.slow(random, acquisition.haze());
        this.mottle = Haze.fine(random, acquisition.mottle());
        this.vessels = Haze.fine(patient.stream(config, "synth-vessels"), 0.07 * difficulty.variety());
    }

    /** Draws an image of a study; the same for the same arguments. */
    static DrawnImage draw(SynthConfig config, Patient patient, Visit visit, Shot shot) {
        return new ChestDrawing(config, patient, visit, shot).draw();
    }

    private DrawnImage draw() {
        int width = shot.width();
        int height = shot.height();
        double turnCos = StrictMath.cos(acquisition.turn());
        double turnSin = StrictMath.sin(acquisition.turn());
        char[] exposure = exposure();
        char[] levels = new char[width * height];
        List<FindingTrace> traces = new ArrayList<>();
        if (shot.isFrontal()) {
            shapes.forEach(shape -> traces.add(new FindingTrace(shape.finding(), new PixelMask(width, height))));
        }
        for (int y = 0; y < height; y++) {
            double v0 = ((y + 0.5) / height - 0.5 - acquisition.shiftV()) / acquisition.stretch();
            for (int x = 0; x < width; x++) {
                double u0 = ((x + 0.5) / width - 0.5 - acquisition.shiftU()) / acquisition.stretch();
                double u = 0.5 + turnCos * u0 + turnSin * v0;
                double v = 0.5 - turnSin * u0 + turnCos * v0;
                double value = shot.isFrontal() ? frontal(u, v, x, y, traces) : lateral(u, v);
                levels[y * width + x] = exposed(value, (double) x / width, (double) y / height, exposure);
            }
        }
        return new DrawnImage(width, height, levels, traces);
    }

    private double frontal(double u, double v, int x, int y, List<FindingTrace> traces) {
        double value = background(u, v);
        for (int i = 0; i < shapes.size(); i++) {
            FindingShape shape = shapes.get(i);
            double cover = shape.cover(u, v);
            if (cover > 0) {
                value += cover * shape.opacity() * (shape.target(value, u, v) - value);
                if (cover > 0.5) {
                    traces.get(i).mask().set(x, y);
                }
            }
        }
        return value + metal(u, v) * (METAL - value);
    }

    private double background(double u, double v) {
        double body = Shade.inside(Anatomy.ellipse(u, v, 0.5, 0.62, 0.49, 0.72));
        double value = body * TISSUE;
        double lung = anatomy.lung(u, v);
        if (lung > 0) {
            double rib = Shade.band(anatomy.ribPhase(u, v), 0.22);
            double hilum = 1 - Shade.step(0.2, 1.2, Anatomy.ellipse(Math.abs(u - 0.5), v, 0.13, 0.47, 0.18, 0.26));
            value += lung * (anatomy.air(u) + 0.07 * rib + hilum * Math.abs(vessels.at(u, v)) - value);
        }
        double spine = Shade.inside(Math.abs(u - 0.5) / 0.045);
        value += (0.10 * spine + 0.08 * anatomy.collarBone(u, v) + anatomy.softTissue(u, v)) * body;
        double heart = Shade.inside(anatomy.heart(u, v));
        return value + heart * (HEART - value) * 0.85;
    }

    /** A catheter from a shoulder down to the heart, and the letter beside the left shoulder. */
    private double metal(double u, double v) {
        double metal = 0;
        if (catheter != Visit.Catheter.NONE) {
            double out = catheter == Visit.Catheter.LEFT ? u - 0.5 : 0.5 - u;
            double inner = 0.025;
            double shoulder = Shade.inside(Math.abs(v - 0.24 - 0.45 * (out - inner)) / 0.008);
            double down = Shade.inside(Math.abs(out - inner) / 0.007);
            metal = out > inner
                    ? shoulder * (1 - Shade.step(0.26, 0.28, out))
                    : down * Shade.step(0.22, 0.24, v) * (1 - Shade.step(0.50, 0.52, v));
            metal *= 0.7;
        }
        if (acquisition.marked()) {
            double stem = Shade.inside(Math.max(Math.abs(u - 0.93) / 0.008, Math.abs(v - 0.12) / 0.03));
            double foot = Shade.inside(Math.max(Math.abs(u - 0.942) / 0.02, Math.abs(v - 0.145) / 0.008));
            metal = Math.max(metal, Math.max(stem, foot));
        }
        return metal;
    }

    /** Lungs over each other, spine behind, heart in front; shows no finding, as lateral views are filtered out. */
    private double lateral(double u, double v) {
        double value = TISSUE * Shade.inside(Anatomy.ellipse(u, v, 0.5, 0.6, 0.40, 0.70));
        double lung = Shade.inside(Anatomy.ellipse(u, v, 0.5, 0.44, 0.27, 0.34));
        value += lung * (AIR - value) * 0.8;
        value += 0.15 * Shade.inside(Math.abs(u - 0.74) / 0.05);
        return value + 0.35 * Shade.inside(Anatomy.ellipse(u, v, 0.36, 0.62, 0.14, 0.16));
    }

    private char[] exposure() {
        char[] exposure = new char[EXPOSURE_LEVELS + 1];
        for (int i = 0; i <= EXPOSURE_LEVELS; i++) {
            double level = acquisition.offset()
                    + acquisition.gain() * StrictMath.pow((double) i / EXPOSURE_LEVELS, acquisition.gamma());
            exposure[i] = (char) (65535 * Math.max(0, Math.min(1, level)));
        }
        return exposure;
    }

    private char exposed(double value, double x, double y, char[] exposure) {
        double noisy = value + haze.at(x, y) + mottle.at(x, y) + acquisition.grain() * Grain.draw(random);
        double edge = Math.min(Math.min(x, 1 - x), Math.min(y, 1 - y));
        if (edge < acquisition.border()) {
            return 0;
        }
        return exposure[(int) (Math.max(0, Math.min(1, noisy)) * EXPOSURE_LEVELS)];
    }
}
