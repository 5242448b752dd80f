package perdura.grids.codec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;

/** Everything wrong with a spec, so that it can be told at once. */
public final class Problems {
    private static final int LONGEST = 2_000;
    /** More help nobody, and a hostile spec has as many as it has bytes. */
    private static final int MOST_TOLD = 100;

    private final List<Problem> found = new ArrayList<>();

    private record Problem(Place place, String path, String text) {}

    /** @param path of the key, for instance {@code model.dim}; empty for the whole file */
    public void add(Place place, String path, String fault) {
        String where = PlainText.line(place.toString()) + ": " + (path.isEmpty() ? "" : PlainText.shown(path) + ": ");
        found.add(new Problem(place, path, where + PlainText.cut(PlainText.line(fault), LONGEST)));
    }

    /** As above, of a node's place. */
    public void add(SpecNode node, String path, String fault) {
        add(node.place(), path, fault);
    }

    /** Tells that a node is not what it should be. */
    public void expected(SpecNode node, String path, String what) {
        add(node, path, "expected " + what + ", was " + node.kind());
    }

    /** Whether a key, or something below it, has a problem. */
    public boolean isAt(String path) {
        return found.stream()
                .map(Problem::path)
                .anyMatch(at -> at.equals(path) || at.startsWith(path + ".") || at.startsWith(path + "["));
    }

    public int count() {
        return found.size();
    }

    /** @throws PerduraException INVALID_SPEC with one line for each of the first 100 problems, in reading order, and how many more there are */
    public void throwIfAny() {
        if (!found.isEmpty()) {
            List<String> texts = found.stream()
                    .sorted(Comparator.comparing(Problem::place))
                    .map(Problem::text)
                    .distinct()
                    .toList();
            String first = texts.stream().limit(MOST_TOLD).collect(Collectors.joining("\n"));
            int more = texts.size() - MOST_TOLD;
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, more > 0 ? first + "\nand " + more + " more problems" : first);
        }
    }
}
