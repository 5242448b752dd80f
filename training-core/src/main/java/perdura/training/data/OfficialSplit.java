package perdura.training.data;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import perdura.grids.spec.DataSpec;

/** A split of MIMIC-CXR's own split file. */
public enum OfficialSplit {
    TRAIN,
    VALIDATE,
    TEST;

    /** The split's name in the file. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<OfficialSplit> ofFileName(String name) {
        for (OfficialSplit split : values()) {
            if (split.fileName().equals(name)) {
                return Optional.of(split);
            }
        }
        return Optional.empty();
    }

    /** The splits that enter a training. */
    static Set<OfficialSplit> of(DataSpec.Split split) {
        return switch (split) {
            case TRAIN -> EnumSet.of(TRAIN);
            case ALL -> EnumSet.allOf(OfficialSplit.class);
        };
    }
}
