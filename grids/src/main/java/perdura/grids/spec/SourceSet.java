package perdura.grids.spec;

import java.util.Arrays;
import java.util.Optional;

/** A data set as its owner ships it. */
public enum SourceSet {
    /** MIMIC-CXR-JPG 2.0.0 with the reports of MIMIC-CXR (prior.md 1.1, sense.md 1.1). One sample is a study. */
    MIMIC_CXR("mimic-cxr"),
    /** CheXpert v1.0-small (prior.md 4.1). One sample is an image. */
    CHEXPERT("chexpert"),
    /** RSNA Pneumonia Detection, stage 2 (prior.md 4.1). One sample is an image. */
    RSNA("rsna"),
    /** SIIM-ACR Pneumothorax Segmentation (prior.md 4.1). One sample is an image. */
    SIIM("siim"),
    /** 200 images of CheXpert for each of five findings (prior.md 4.3). */
    CHEXPERT_5X200("chexpert-5x200");

    private final String word;

    SourceSet(String word) {
        this.word = word;
    }

    /** How commands and files write it. */
    public String word() {
        return word;
    }

    /** Reads the word. */
    public static Optional<SourceSet> ofWord(String word) {
        return Arrays.stream(values()).filter(set -> set.word.equals(word)).findFirst();
    }

    /** Whether its samples have reports. */
    public boolean hasReports() {
        return this == MIMIC_CXR;
    }
}
