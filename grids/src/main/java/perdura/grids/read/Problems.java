package perdura.grids.read;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Everything wrong with a spec, so that it can be told at once. */
final class Problems {
    private final List<Problem> found = new ArrayList<>();

    private record Problem(Place place, String text) {}

    /** @param path of the key, for instance {@code model.dim}; empty for the whole file */
    void add(Place place, String path, String fault) {
        found.add(new Problem(place, place + ": " + (path.isEmpty() ? "" : path + ": ") + fault));
    }

    int count() {
        return found.size();
    }

    /** @throws PerduraException INVALID_SPEC with one line for each problem, in reading order */
    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    found.stream()
                            .sorted(Comparator.comparing(Problem::place))
                            .map(Problem::text)
                            .distinct()
                            .collect(Collectors.joining("\n")));
        }
    }
}
