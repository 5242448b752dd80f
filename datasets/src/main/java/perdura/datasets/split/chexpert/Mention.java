package perdura.datasets.split.chexpert;

import java.util.Optional;

/** What a label cell says. */
public enum Mention {
    /** An empty cell: the report doesn't speak of it. */
    BLANK(0),
    /** 0. */
    NEGATIVE(1),
    /** 1. */
    POSITIVE(2),
    /** -1. */
    UNCERTAIN(3);

    private final int code;

    Mention(int code) {
        this.code = code;
    }

    /** 0 to 3, in two bits of {@link Mentions}. */
    int code() {
        return code;
    }

    static Mention ofCode(int code) {
        return switch (code) {
            case 0 -> BLANK;
            case 1 -> NEGATIVE;
            case 2 -> POSITIVE;
            case 3 -> UNCERTAIN;
            default -> throw new IllegalArgumentException("code must be 0 to 3, was " + code);
        };
    }

    /** Reads a cell: empty, 0, 1 or -1, with or without {@code .0}; anything else is nothing. */
    public static Optional<Mention> parse(String cell) {
        return switch (cell) {
            case "" -> Optional.of(BLANK);
            case "0", "0.0" -> Optional.of(NEGATIVE);
            case "1", "1.0" -> Optional.of(POSITIVE);
            case "-1", "-1.0" -> Optional.of(UNCERTAIN);
            default -> Optional.empty();
        };
    }
}
