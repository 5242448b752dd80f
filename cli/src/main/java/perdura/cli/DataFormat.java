package perdura.cli;

import perdura.grids.spec.DataSpec;
import picocli.CommandLine.TypeConversionException;

/** A data layout as the command line writes it: {@code mimic-cxr}. */
enum DataFormat {
    MIMIC_CXR("mimic-cxr", DataSpec.Format.MIMIC_CXR);

    private final String word;
    private final DataSpec.Format layout;

    DataFormat(String word, DataSpec.Format layout) {
        this.word = word;
        this.layout = layout;
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

    DataSpec.Format layout() {
        return layout;
    }

    @Override
    public String toString() {
        return word;
    }
}
