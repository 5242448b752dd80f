package perdura.datasets.split.leak;

import java.util.List;

/**
 * What two parts share.
 *
 * @param count all of it
 * @param first the first {@value LeakCheck#SHOWN} by name, in the order of the downstream part
 */
public record Overlap(int count, List<String> first) {
    public Overlap {
        first = List.copyOf(first);
    }

    /** "name, name and 3 more". */
    String names() {
        return String.join(", ", first) + (count > first.size() ? " and " + (count - first.size()) + " more" : "");
    }
}
