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

    /**
     * What a layout's machine does to every image; noise is at the default difficulty.
     *
     * @param gammaSpread how much more or less than elsewhere the gamma differs between images
     * @param hasBorder whether some of its images have a border
     */
    private record Machine(
            double gamma,
            double gammaSpread,
            double gain,
            double offset,
            double haze,
            double mottle,
            double grain,
            boolean hasBorder) {
        static Machine of(SynthConfig.Format format) {
            return switch (format) {
                case MIMIC_CXR -> new Machine(1, 1, 0.95, 0.03, 0.035, 0.015, 0.035, false);
                case CHEXPERT -> new Machine(0.95, 1.3, 1.08, -0.02, 0.035, 0.02, 0.03, false);
                case RSNA -> new Machine(0.85, 1, 0.82, 0.08, 0.04, 0.02, 0.04, true);
                case SIIM -> new Machine(1.15, 1, 0.95, 0.02, 0.04, 0.015, 0.045, false);
            };
        }
    }

    static Acquisition draw(SynthConfig.Format format, Difficulty difficulty, RandomStream random) {
        Machine machine = Machine.of(format);
        double variety = difficulty.variety();
        double turn = 0.06 * variety * Anatomy.spread(random);
        double stretch = 1 + 0.05 * variety * Anatomy.spread(random);
        double shiftU = 0.03 * variety * Anatomy.spread(random);
        double shiftV = 0.03 * variety * Anatomy.spread(random);
        double gamma = machine.gamma + machine.gammaSpread * (0.15 * variety * Anatomy.spread(random));
        double gain = machine.gain + 0.1 * variety * Anatomy.spread(random);
        double offset = machine.offset + 0.03 * variety * Anatomy.spread(random);
        boolean marked = random.nextDouble() < 0.5;
        double border = Math.max(0, 0.05 * random.nextDouble() - 0.02);
        return new Acquisition(
                turn,
                stretch,
                shiftU,
                shiftV,
                gamma,
                gain,
                offset,
                machine.haze * difficulty.noise(),
                machine.mottle * difficulty.noise(),
                machine.grain,
                machine.hasBorder ? border : 0,
                marked);
    }
}
