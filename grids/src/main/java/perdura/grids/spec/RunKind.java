package perdura.grids.spec;

import java.util.Locale;

/** What a run does. */
public enum RunKind {
    PRETRAIN,
    /** Stands for a sweep, so that MLflow can show its trials below it. */
    SWEEP,
    TRIAL;

    /** As the store and JSON have it. */
    public String word() {
        return EnumWord.of(this);
    }

    /** @throws IllegalArgumentException if there is no such kind */
    public static RunKind of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
