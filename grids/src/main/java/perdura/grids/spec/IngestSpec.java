package perdura.grids.spec;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a data set is made of, and how its files become arrays.
 *
 * @param root folder or zip file of the data set, absolute
 * @param imageSize side S of the images that a model sees, pixels, at least 8
 * @param vocabulary WordPiece vocabulary, absolute; null exactly where the set has no reports
 * @param minSentences studies with fewer sentences are left out, at least 1; for sets with reports
 * @param sections which sections of a report are read; for sets with reports
 * @param list the authors' list of a 5x200 set, absolute; null to sample one by the rule
 * @param sampling how a 5x200 set is sampled; unused with a list
 * @param strict whether a single fault ends the ingest, instead of leaving its sample out
 * @param verify whether every file is read anew, instead of trusting those whose size and time are the same
 */
public record IngestSpec(
        SourceSet set,
        Path root,
        Profile profile,
        int imageSize,
        @Nullable Path vocabulary,
        int minSentences,
        Sections sections,
        @Nullable Path list,
        Sampling sampling,
        boolean strict,
        boolean verify) {
    /** Whose rules for images and reports hold. */
    public enum Profile {
        /** prior.md 1.2-1.6, 4.1. */
        PRIOR(4, Sections.FINDINGS_IMPRESSION),
        /** sense.md 1.2-1.5, 4.2-4.4. */
        SENSE(1, Sections.FINDINGS);

        /** The one that holds where none is named. */
        public static final Profile STANDARD = PRIOR;

        private final int minSentences;
        private final Sections sections;

        Profile(int minSentences, Sections sections) {
            this.minSentences = minSentences;
            this.sections = sections;
        }

        /** Sentences below which a study is left out. */
        public int minSentences() {
            return minSentences;
        }

        /** What is read of a report. */
        public Sections sections() {
            return sections;
        }

        /** Side of the images of a set that a model sees, pixels. */
        public int imageSize(SourceSet set) {
            return this == SENSE && set == SourceSet.SIIM ? 512 : 224;
        }

        /** How commands and reports write it. */
        public String word() {
            return EnumWord.of(this);
        }
    }

    /** Sections of a report. */
    public enum Sections {
        FINDINGS,
        FINDINGS_IMPRESSION
    }

    /**
     * How a 5x200 set is drawn (prior.md 4.3, sense.md 4.2).
     *
     * @param seed 0 with SENSE's legacy permutation, any with PRIOR's own
     * @param perClass images of each class, at least 1
     */
    public record Sampling(long seed, int perClass) {
        /** The published size. */
        public static final Sampling STANDARD = new Sampling(0, 200);

        public Sampling {
            if (perClass < 1) {
                throw new IllegalArgumentException("perClass must be >= 1, was " + perClass);
            }
        }
    }

    public IngestSpec {
        if (imageSize < 8 || imageSize > 8192) {
            throw new IllegalArgumentException("imageSize must be from 8 to 8192, was " + imageSize);
        }
        if (minSentences < 1) {
            throw new IllegalArgumentException("minSentences must be >= 1, was " + minSentences);
        }
        if ((vocabulary != null) != set.hasReports()) {
            throw new IllegalArgumentException(
                    set.word() + (set.hasReports() ? " needs a vocabulary" : " has no reports, so no vocabulary"));
        }
    }

    /** With every file read anew, or not. */
    public IngestSpec verifying(boolean on) {
        return new IngestSpec(
                set, root, profile, imageSize, vocabulary, minSentences, sections, list, sampling, strict, on);
    }
}
