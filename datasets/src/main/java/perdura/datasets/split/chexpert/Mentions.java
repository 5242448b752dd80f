package perdura.datasets.split.chexpert;

import java.util.List;
import java.util.Optional;

/**
 * The 14 label cells of a row in four bytes.
 *
 * @param packed two bits for each finding, the first one lowest
 */
public record Mentions(int packed) {
    /** @param cells one for each finding, in their order */
    public static Mentions of(List<Mention> cells) {
        if (cells.size() != ChexpertFinding.values().length) {
            throw new IllegalArgumentException(
                    "there must be " + ChexpertFinding.values().length + " cells, were " + cells.size());
        }
        int packed = 0;
        for (int i = cells.size() - 1; i >= 0; i--) {
            packed = (packed << 2) | cells.get(i).code();
        }
        return new Mentions(packed);
    }

    /** What the row says of a finding. */
    public Mention of(ChexpertFinding finding) {
        return Mention.ofCode((packed >>> (2 * finding.place())) & 3);
    }

    /**
     * True if this finding is positive and the other twelve, all but No Finding, are 0 or blank (prior.md 4.3, sense.md 4.2).
     * An uncertain cell among them makes it false.
     */
    public boolean isOnly(ChexpertFinding finding) {
        for (ChexpertFinding other : ChexpertFinding.values()) {
            Mention mention = of(other);
            boolean fits = other == ChexpertFinding.NO_FINDING
                    || (other == finding
                            ? mention == Mention.POSITIVE
                            : mention == Mention.NEGATIVE || mention == Mention.BLANK);
            if (!fits) {
                return false;
            }
        }
        return finding != ChexpertFinding.NO_FINDING;
    }

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
}
