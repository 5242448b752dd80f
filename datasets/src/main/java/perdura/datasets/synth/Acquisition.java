package perdura.datasets.synth;

import perdura.datasets.seeds.RandomStream;

/**
 * How an image came about: how the patient stood, and what the machine made of it. Each layout has a machine of its own, so
 * that what was learned on one set of images has to hold on another.
 *
 * @param turn radians
 * @param stretch 1 is as drawn
 * @param shiftU share of the width
 * @param shiftV share of the height
 * @param gamma exponent of the exposure
 * @param gain contrast of the exposure
 * @param offset brightness of the exposure, share of white
 * @param haze deviation of slow noise
 * @param mottle deviation of fine noise, the same at any image size
 * @param grain half range of each pixel's own noise
 * @param border black at each edge, share of the image
 * @param marked whether a letter lies beside the left shoulder
 */
record Acquisition(
        double turn,
        double stretch,
        double shiftU,
        double shiftV,
        double gamma,
        double gain,
        double offset,
        double haze,
        double mottle,
        double grain,
        double border,
        boolean marked) {

    static Acquisition draw(SynthConfig.Format format, Difficulty difficulty, RandomStream random) {
        double variety = difficulty.variety();
        double noise = difficulty.noise();
        double turn = 0.06 * variety * Anatomy.spread(random);
        double stretch = 1 + 0.05 * variety * Anatomy.spread(random);
        double shiftU = 0.03 * variety * Anatomy.spread(random);
        double shiftV = 0.03 * variety * Anatomy.spread(random);
        double gamma = 0.15 * variety * Anatomy.spread(random);
        double gain = 0.1 * variety * Anatomy.spread(random);
        double offset = 0.03 * variety * Anatomy.spread(random);
        boolean marked = random.nextDouble() < 0.5;
        double border = Math.max(0, 0.05 * random.nextDouble() - 0.02);
        return switch (format) {
            case MIMIC_CXR ->
                new Acquisition(
                        turn,
                        stretch,
                        shiftU,
                        shiftV,
                        1 + gamma,
                        0.95 + gain,
                        0.03 + offset,
                        0.035 * noise,
                        0.015 * noise,
                        0.035,
                        0,
                        marked);
            case CHEXPERT ->
                new Acquisition(
                        turn,
                        stretch,
                        shiftU,
                        shiftV,
                        0.95 + 1.3 * gamma,
                        1.08 + gain,
                        offset - 0.02,
                        0.035 * noise,
                        0.02 * noise,
                        0.03,
                        0,
                        marked);
            case RSNA ->
                new Acquisition(
                        turn,
                        stretch,
                        shiftU,
                        shiftV,
                        0.85 + gamma,
                        0.82 + gain,
                        0.08 + offset,
                        0.04 * noise,
                        0.02 * noise,
                        0.04,
                        border,
                        marked);
            case SIIM ->
                new Acquisition(
                        turn,
                        stretch,
                        shiftU,
                        shiftV,
                        1.15 + gamma,
                        0.95 + gain,
                        0.02 + offset,
                        0.04 * noise,
                        0.015 * noise,
                        0.045,
                        0,
                        marked);
        };
    }
}
