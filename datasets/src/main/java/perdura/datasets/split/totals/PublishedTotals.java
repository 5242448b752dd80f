package perdura.datasets.split.totals;

import static perdura.datasets.split.totals.Counted.*;
import static perdura.datasets.split.totals.PublishedTotals.Total.Certainty.RECALLED;
import static perdura.datasets.split.totals.PublishedTotals.Total.Certainty.VERIFIED;

import java.util.List;
import java.util.stream.Stream;
import perdura.grids.spec.IngestSpec.Profile;
import perdura.grids.spec.SourceSet;

/** The sizes of the whole data sets, as the methods' specifications give them. A part of a set, or a synthetic one, differs. */
public final class PublishedTotals {
    /** The 182,475 of PRIOR rest on another sentence splitter (prior.md 1.4). */
    private static final double SPLITTER_TOLERANCE = 0.03;

    private static final List<Total> MIMIC_PRIOR = List.of(
            verified(IMAGES, 377_110, "prior.md 1.1"),
            verified(LABELLED_REPORTS, 227_827, "prior.md 1.1"),
            verified(PATIENTS, 65_379, "prior.md 1.1"),
            new Total(KEPT_STUDIES, 182_475, SPLITTER_TOLERANCE, VERIFIED, "prior.md 1.1, 1.4"));

    private static final List<Total> MIMIC_SENSE = List.of(
            verified(IMAGES, 377_110, "sense.md 1.1"),
            verified(STUDIES, 227_835, "sense.md 1.1"),
            verified(PATIENTS, 65_379, "sense.md 1.1"),
            verified(IMAGES_OF_TRAIN, 368_960, "sense.md 1.1"),
            verified(IMAGES_OF_VALIDATE, 2_991, "sense.md 1.1"),
            verified(IMAGES_OF_TEST, 5_159, "sense.md 1.1"),
            verified(STUDIES_OF_TRAIN, 222_758, "sense.md 1.1"),
            verified(STUDIES_OF_VALIDATE, 1_808, "sense.md 1.1"),
            verified(STUDIES_OF_TEST, 3_269, "sense.md 1.1"),
            verified(IMPRESSION_REPORTS, 187_759, "sense.md 1.1"),
            verified(FINDINGS_REPORTS, 149_842, "sense.md 1.1"),
            verified(TEST_PAIRS, 2_461, "sense.md 1.2"));

    private static final List<Total> CHEXPERT = List.of(
            recalled(TRAIN_ROWS, 223_414, "prior.md 4.1"),
            recalled(FRONTAL_TRAIN_ROWS, 191_027, "prior.md 4.1"),
            verified(VALID_ROWS, 234, "prior.md 4.1, sense.md 4.2"),
            verified(FRONTAL_VALID_ROWS, 202, "prior.md 4.1, sense.md 4.2"),
            verified(ZERO_SHOT_IMAGES, 1_000, "prior.md 4.3, sense.md 4.2"));

    private static final List<Total> CHEXPERT_PRIOR = List.of(verified(LISTED_ZERO_SHOT_PATIENTS, 967, "prior.md 4.3"));

    private static final List<Total> CHEXPERT_SENSE =
            List.of(verified(SPLIT_VALIDATION, 5_000, "sense.md 4.2"), verified(SPLIT_TEST, 202, "sense.md 4.2"));

    private static final List<Total> RSNA = List.of(
            verified(IMAGES, 26_684, "prior.md 4.1, sense.md 4.2"),
            verified(LABEL_ROWS, 30_227, "prior.md 4.1, sense.md 4.2"),
            verified(POSITIVE_IMAGES, 6_012, "prior.md 4.1, sense.md 4.2"),
            verified(BOXES, 9_555, "prior.md 4.1"));

    private static final List<Total> SIIM = List.of(
            verified(IMAGES, 12_047, "prior.md 4.1, sense.md 4.4"), verified(POSITIVE_IMAGES, 2_669, "prior.md 4.1"));

    private PublishedTotals() {}

    /** What the data set should come to when it is ingested with a profile, in the order of its making. */
    public static List<Total> of(SourceSet set, Profile profile) {
        return switch (set) {
            case MIMIC_CXR -> profile == Profile.PRIOR ? MIMIC_PRIOR : MIMIC_SENSE;
            case CHEXPERT, CHEXPERT_5X200 ->
                joined(CHEXPERT, profile == Profile.PRIOR ? CHEXPERT_PRIOR : CHEXPERT_SENSE);
            case RSNA ->
                joined(
                        RSNA,
                        profile == Profile.PRIOR
                                ? split(16_010, 5_337, 5_337, "prior.md 4.2")
                                : split(18_678, 4_003, 4_003, "sense.md 4.2"));
            case SIIM ->
                joined(
                        SIIM,
                        profile == Profile.PRIOR
                                ? split(7_229, 2_409, 2_409, "prior.md 4.2")
                                : split(8_432, 1_808, 1_807, "sense.md 4.4"));
        };
    }

    private static List<Total> split(long train, long validation, long test, String source) {
        return List.of(
                verified(SPLIT_TRAIN, train, source),
                verified(SPLIT_VALIDATION, validation, source),
                verified(SPLIT_TEST, test, source));
    }

    private static Total verified(Counted what, long number, String source) {
        return new Total(what, number, 0, VERIFIED, source);
    }

    private static Total recalled(Counted what, long number, String source) {
        return new Total(what, number, 0, RECALLED, source);
    }

    private static List<Total> joined(List<Total> first, List<Total> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /**
     * A number that the whole data set should come to.
     *
     * @param tolerance share of the number by which a count may differ, 0 for none
     * @param source section of the method's specification
     */
    public record Total(Counted what, long number, double tolerance, Certainty certainty, String source) {
        /** How well a number is known. */
        public enum Certainty {
            /** Read in a source. */
            VERIFIED,
            /** From memory: a difference speaks against the number as much as against the data. */
            RECALLED
        }

        /** True if a count agrees within the tolerance. */
        public boolean agrees(long count) {
            return Math.abs(count - number) <= tolerance * number;
        }
    }
}
