package perdura.datasets.data;

import java.util.Locale;

/** A split of MIMIC-CXR's own split file. */
public enum OfficialSplit {
    TRAIN,
    VALIDATE,
    TEST;

    /** The split's name in the file. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
