package perdura.datasets.synth;

import perdura.grids.spec.EnumWord;

/**
 * What decides a synthetic data set, to the byte.
 *
 * @param amount studies are counted in the layout of MIMIC-CXR alone, patients in every one
 * @param seed every draw is a function of it
 * @param difficulty from 0, findings that leap to the eye, to 1: small, faint, in noise, on chests that differ, and often
 *     told as unclear
 * @param imageSize shortest side of an image, pixels, 32 to 3072; the longest side is at most a quarter longer
 * @param siimCopy which copy of SIIM's table is written; of no meaning to other layouts
 * @param shortReports share of the reports that are a bare impression, a sentence for each finding; of no meaning to other layouts
 *     than MIMIC-CXR's
 */
public record SynthConfig(
        Format format,
        Amount amount,
        long seed,
        double difficulty,
        int imageSize,
        SiimCopy siimCopy,
        double shortReports) {
    /** The difficulty unless another is asked for. */
    public static final double DEFAULT_DIFFICULTY = 0.5;

    /** The two copies of SIIM's table of masks that are about. */
    public enum SiimCopy {
        /** A blank before the second header and before every value. */
        STAGE_1,
        /** No blanks. */
        STAGE_2
    }

    public SynthConfig {
        if (amount.unit() == Amount.Unit.STUDIES && format != Format.MIMIC_CXR) {
            throw new IllegalArgumentException(
                    "studies are counted in mimic-cxr alone, not in " + format.key() + "; count patients");
        }
        if (!(difficulty >= 0 && difficulty <= 1)) {
            throw new IllegalArgumentException("difficulty must be 0 to 1, was " + difficulty);
        }
        if (imageSize < 32 || imageSize > 3072) {
            throw new IllegalArgumentException("imageSize must be 32 to 3072, was " + imageSize);
        }
        if (!(shortReports >= 0 && shortReports <= 1)) {
            throw new IllegalArgumentException("shortReports must be 0 to 1, was " + shortReports);
        }
    }

    /** A data set without short reports. */
    public SynthConfig(Format format, Amount amount, long seed, double difficulty, int imageSize, SiimCopy siimCopy) {
        this(format, amount, seed, difficulty, imageSize, siimCopy, 0);
    }

    /** Studies in the layout of MIMIC-CXR, at the default difficulty, with sides of 128 to 160 pixels. */
    public static SynthConfig of(int studies, long seed) {
        return standard(Format.MIMIC_CXR, new Amount(Amount.Unit.STUDIES, studies), seed);
    }

    /** A data set with the defaults of its layout. */
    public static SynthConfig standard(Format format, Amount amount, long seed) {
        return new SynthConfig(format, amount, seed, DEFAULT_DIFFICULTY, format.defaultImageSize(), SiimCopy.STAGE_1);
    }

    /** The same at another difficulty. */
    public SynthConfig withDifficulty(double other) {
        return new SynthConfig(format, amount, seed, other, imageSize, siimCopy, shortReports);
    }

    /** The same with this share of bare impressions. */
    public SynthConfig withShortReports(double share) {
        return new SynthConfig(format, amount, seed, difficulty, imageSize, siimCopy, share);
    }

    /**
     * How much is written: the first patients of an endless list, or as many of them as have the wanted number of studies
     * together. The last patient's later studies may be left out then.
     *
     * @param count at least 1
     */
    public record Amount(Unit unit, int count) {
        private static final int MOST = 1_000_000;

        /** What is counted. */
        public enum Unit {
            PATIENTS,
            STUDIES;

            /** The word for several. */
            public String key() {
                return EnumWord.of(this);
            }
        }

        public Amount {
            if (count < 1 || count > MOST) {
                throw new IllegalArgumentException(unit.key() + " must be 1 to " + MOST + ", was " + count);
            }
        }
    }

    /** The layouts that a synthetic data set can have. */
    public enum Format {
        /** MIMIC-CXR-JPG 2.0.0 with the reports of MIMIC-CXR. */
        MIMIC_CXR(128),
        /** CheXpert v1.0-small. */
        CHEXPERT(128),
        /** RSNA Pneumonia, stage 2. */
        RSNA(256),
        /** SIIM-ACR Pneumothorax. */
        SIIM(256);

        private final int imageSize;

        Format(int imageSize) {
            this.imageSize = imageSize;
        }

        /** The word of the command line and of the settings file; also the purpose of every draw. */
        public String key() {
            return EnumWord.of(this);
        }

        /** The image size that a data set has unless another is asked for, pixels. */
        public int defaultImageSize() {
            return imageSize;
        }
    }
}
