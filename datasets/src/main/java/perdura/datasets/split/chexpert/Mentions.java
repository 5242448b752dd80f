package perdura.datasets.split.chexpert;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The 14 label cells of a row.
 *
 * @param cells one for each finding, in their order
 */
public record Mentions(List<Mention> cells) {
    /** A row that says nothing. */
    public static final Mentions BLANK =
            new Mentions(Collections.nCopies(ChexpertFinding.COLUMNS.size(), Mention.BLANK));

    public Mentions {
        cells = List.copyOf(cells);
        if (cells.size() != ChexpertFinding.COLUMNS.size()) {
            throw new IllegalArgumentException(
                    "there must be " + ChexpertFinding.COLUMNS.size() + " cells, were " + cells.size());
        }
    }

    /** What the row says of a finding. */
    @SuppressWarnings("EnumOrdinal") // cells are in the order of the findings, and loops over all rows come by
    public Mention of(ChexpertFinding finding) {
        return cells.get(finding.ordinal());
    }

    /** The cells as labels, {@link Mention#label} of each. */
    public List<@Nullable Float> labels() {
        return cells.stream().<@Nullable Float>map(Mention::label).toList();
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
        BLANK(null),
        /** 0. */
        NEGATIVE(0f),
        /** 1. */
        POSITIVE(1f),
        /** -1. */
        UNCERTAIN(-1f);

        private final @Nullable Float label;

        Mention(@Nullable Float label) {
            this.label = label;
        }

        /** 1, 0 or -1; null for a blank. */
        public @Nullable Float label() {
            return label;
        }

        /** The mention that an ingested label stands for: NaN is a blank. */
        public static Mention ofLabel(float label) {
            return Float.isNaN(label) ? BLANK : label == 1 ? POSITIVE : label == 0 ? NEGATIVE : UNCERTAIN;
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
