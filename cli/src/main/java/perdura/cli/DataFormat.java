package perdura.cli;

import perdura.grids.spec.DataSpec;

/** A data layout as the command line writes it: {@code mimic-cxr}. */
enum DataFormat {
    MIMIC_CXR("mimic-cxr", DataSpec.Format.MIMIC_CXR);

    private final String word;
    private final DataSpec.Format layout;

    DataFormat(String word, DataSpec.Format layout) {
        this.word = word;
        this.layout = layout;
    }

    DataSpec.Format layout() {
        return layout;
    }

    @Override
    public String toString() {
        return word;
    }
}
