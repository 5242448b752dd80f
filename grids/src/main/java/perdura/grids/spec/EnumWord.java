package perdura.grids.spec;

import java.util.Locale;

/** An enum constant as specs, tables and command lines write it: {@code MIMIC_CXR} is {@code mimic-cxr}. */
public final class EnumWord {
    private EnumWord() {}

    public static String of(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException if no constant has this word */
    public static <E extends Enum<E>> E parse(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
