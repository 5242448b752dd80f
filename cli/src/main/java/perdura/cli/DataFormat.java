package perdura.cli;

import picocli.CommandLine.TypeConversionException;

/** A data layout as the command line writes it: {@code mimic-cxr}. */
enum DataFormat {
    MIMIC_CXR("mimic-cxr");

    private final String word;

    DataFormat(String word) {
        this.word = word;
    }

    /** Reads the word. */
    static DataFormat parse(String text) {
        for (DataFormat format : values()) {
            if (format.word.equals(text)) {
                return format;
            }
        }
        throw new TypeConversionException("'" + text + "' is no known layout; known is " + MIMIC_CXR);
    }

    @Override
    public String toString() {
        return word;
    }
}
