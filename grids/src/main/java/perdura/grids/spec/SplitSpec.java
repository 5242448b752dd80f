package perdura.grids.spec;

/**
 * How a data set is split for a downstream task (prior.md 4, sense.md 4.2).
 *
 * @param seed of the draws; unused by the methods that have a fixed one
 * @param fold which of the five folds tests, 0 to 4; unused by the others
 * @param byPatient whether all samples of a patient stay together
 * @param fraction share of the training part that is used, in (0, 1]
 * @param fractionRule by which a smaller share is drawn
 */
public record SplitSpec(
        Method method, long seed, int fold, boolean byPatient, double fraction, FractionRule fractionRule) {
    /** How the parts are made. */
    public enum Method {
        /** As the owner gives it. */
        OFFICIAL,
        /** 6 : 2 : 2 (prior.md 4.2). */
        RATIO_622,
        /** 70 / 15 / 15 by NumPy's legacy permutation (sense.md 4.2). */
        HELD_OUT,
        /** Five folds (prior.md 4). */
        FOLDS,
        /** CheXpert: 6 : 2 : 2 by patient without the 5x200 images (prior.md 4.2). */
        CHEXPERT_PRIOR,
        /** CheXpert: 5,000 validation images, the official validation set tests (sense.md 4.2). */
        CHEXPERT_GLORIA
    }

    /** How a share of the training part is drawn. */
    public enum FractionRule {
        /** Stratified by labels (prior.md 4). */
        STRATIFIED,
        /** The beginning of a seeded permutation (sense.md 4.2). */
        PLAIN
    }

    public SplitSpec {
        if (fold < 0 || fold > 4) {
            throw new IllegalArgumentException("fold must be 0 to 4, was " + fold);
        }
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction must be > 0 and <= 1, was " + fraction);
        }
    }
}
