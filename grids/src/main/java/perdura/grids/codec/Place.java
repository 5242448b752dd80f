package perdura.grids.codec;

import java.util.Comparator;

/**
 * Where something was written.
 *
 * @param source file as the user named it, or the flag with its value
 * @param line from 1; 0 for a flag, and where the text is not the user's own
 * @param column from 1; 0 in the same cases
 */
public record Place(Origin origin, String source, int line, int column) implements Comparable<Place> {
    private static final Comparator<Place> READING_ORDER =
            Comparator.comparing(Place::origin).thenComparingInt(Place::line).thenComparingInt(Place::column);

    /** What was written there. */
    public enum Origin {
        FILE,
        FLAG,
        DEFAULTS
    }

    public static Place start(Origin origin, String source) {
        return origin == Origin.FLAG ? new Place(origin, source, 0, 0) : new Place(origin, source, 1, 1);
    }

    public static Place flag(String flag) {
        return start(Origin.FLAG, flag);
    }

    /** A place in the same source; a flag has only one. */
    public Place at(int otherLine, int otherColumn) {
        return origin == Origin.FLAG ? this : new Place(origin, source, otherLine, otherColumn);
    }

    @Override
    public int compareTo(Place other) {
        return READING_ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line + ":" + column;
    }
}
