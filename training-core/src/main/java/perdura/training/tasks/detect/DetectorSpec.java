package perdura.training.tasks.detect;

import java.util.List;

/**
 * Every size and threshold of a detector (prior.md 4.5).
 *
 * @param height of the images, a multiple of 32
 * @param width of the images, a multiple of 32
 * @param classes with the background
 * @param fpn channels of the levels P2 to P6
 * @param hidden numbers in each of the head's two layers
 */
record DetectorSpec(
        int height, int width, int classes, int fpn, int hidden, AnchorSpec anchors, RpnSpec rpn, HeadSpec head) {
    /** The stride of the encoder's last map, which the sides of an image must be multiples of. */
    static final int COARSEST_STRIDE = 32;

    /**
     * Shapes of the anchors.
     *
     * @param sizes side of the square anchor of P2, P3, P4, P5 and P6, pixels
     * @param ratios height to width
     */
    record AnchorSpec(List<Integer> sizes, List<Double> ratios) {
        /** The ratios of the paper. */
        static final List<Double> RATIOS = List.of(0.5, 1.0, 2.0);

        AnchorSpec {
            sizes = List.copyOf(sizes);
            ratios = List.copyOf(ratios);
            if (sizes.size() != Anchors.LEVELS) {
                throw new IllegalArgumentException(
                        "there must be an anchor size for each of " + Anchors.LEVELS + " levels, were " + sizes);
            }
        }
    }

    /**
     * The region proposal network.
     *
     * @param overlap IoU above which the worse of two proposals of a level is dropped
     */
    record RpnSpec(BoxMatcher matcher, BalancedSampler sampler, double overlap, Proposals train, Proposals test) {
        /** Both sides of a proposal are at least this long, pixels. */
        static final double LEAST_SIDE = 1e-3;

        /** Matcher and share of positives as in the paper. */
        RpnSpec(int samples, Proposals train, Proposals test) {
            this(
                    new BoxMatcher(0.7, 0.3, BoxMatcher.LowQuality.MATCHED),
                    new BalancedSampler(samples, 0.5),
                    0.7,
                    train,
                    test);
        }
    }

    /**
     * How many proposals there are.
     *
     * @param perLevel the best of a level that are looked at
     * @param kept the best of an image that stay
     */
    record Proposals(int perLevel, int kept) {}

    /**
     * The head, and what it answers.
     *
     * @param align how boxes are pooled
     * @param score that an answer must be above
     * @param overlap IoU above which the worse of two answers of a class is dropped
     * @param detections most answers of an image
     */
    record HeadSpec(
            RoiAlign align, BoxMatcher matcher, BalancedSampler sampler, double score, double overlap, int detections) {
        /** Both sides of an answer are at least this long, pixels. */
        static final double LEAST_SIDE = 1e-2;

        /**
         * All else as in the paper.
         *
         * @param canonical side of a box that is pooled from P4, pixels
         */
        HeadSpec(int canonical, int samples) {
            this(
                    new RoiAlign(7, 2, canonical),
                    new BoxMatcher(0.5, 0.5, BoxMatcher.LowQuality.NOT_MATCHED),
                    new BalancedSampler(samples, 0.25),
                    0.05,
                    0.5,
                    100);
        }
    }

    DetectorSpec {
        if (height % COARSEST_STRIDE != 0 || width % COARSEST_STRIDE != 0 || height < 1 || width < 1) {
            throw new IllegalArgumentException("the sides of an image must be multiples of " + COARSEST_STRIDE
                    + ", were " + height + " x " + width);
        }
    }

    /** The anchors of an image. */
    Anchors allAnchors() {
        return Anchors.of(height, width, anchors.sizes, anchors.ratios);
    }
}
