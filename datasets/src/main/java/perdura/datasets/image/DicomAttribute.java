package perdura.datasets.image;

/** What decides how a file's pixels are read; names and tags as in PS3.6. */
enum DicomAttribute {
    SAMPLES_PER_PIXEL("SamplesPerPixel", 0x0028_0002),
    PHOTOMETRIC_INTERPRETATION("PhotometricInterpretation", 0x0028_0004),
    NUMBER_OF_FRAMES("NumberOfFrames", 0x0028_0008),
    ROWS("Rows", 0x0028_0010),
    COLUMNS("Columns", 0x0028_0011),
    BITS_ALLOCATED("BitsAllocated", 0x0028_0100),
    BITS_STORED("BitsStored", 0x0028_0101),
    HIGH_BIT("HighBit", 0x0028_0102),
    PIXEL_REPRESENTATION("PixelRepresentation", 0x0028_0103),
    WINDOW_CENTER("WindowCenter", 0x0028_1050),
    WINDOW_WIDTH("WindowWidth", 0x0028_1051),
    RESCALE_INTERCEPT("RescaleIntercept", 0x0028_1052),
    RESCALE_SLOPE("RescaleSlope", 0x0028_1053),
    VOI_LUT_FUNCTION("VOILUTFunction", 0x0028_1056),
    MODALITY_LUT_SEQUENCE("ModalityLUTSequence", 0x0028_3000),
    PIXEL_DATA("PixelData", 0x7FE0_0010);

    private final String title;
    private final int tag;

    DicomAttribute(String title, int tag) {
        this.title = title;
        this.tag = tag;
    }

    int tag() {
        return tag;
    }

    @Override
    public String toString() {
        return title + " " + DicomElement.shown(tag);
    }
}
