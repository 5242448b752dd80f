package perdura.datasets.synth;

/** The layouts that a synthetic data set can have. */
public enum SynthFormat {
    /** MIMIC-CXR-JPG 2.0.0 with the reports of MIMIC-CXR. */
    MIMIC_CXR("mimic-cxr", 128),
    /** CheXpert v1.0-small. */
    CHEXPERT("chexpert", 128),
    /** RSNA Pneumonia, stage 2. */
    RSNA("rsna", 256),
    /** SIIM-ACR Pneumothorax. */
    SIIM("siim", 256);

    private final String key;
    private final int imageSize;

    SynthFormat(String key, int imageSize) {
        this.key = key;
        this.imageSize = imageSize;
    }

    /** The word of the command line and of the settings file; also the purpose of every draw. */
    public String key() {
        return key;
    }

    /** The image size that a data set has unless another is asked for, pixels. */
    public int defaultImageSize() {
        return imageSize;
    }
}
