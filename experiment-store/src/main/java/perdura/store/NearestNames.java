package perdura.store;

import java.util.Comparator;
import java.util.List;
import perdura.grids.spec.Nearest;

/** Finds what somebody may have meant. */
final class NearestNames {
    private static final int SHOWN = 3;

    private NearestNames() {}

    /** At most three names, nearest first, none that differs in more than half of its letters. */
    static List<String> of(String wanted, List<String> known) {
        return known.stream()
                .filter(name -> Nearest.distance(wanted, name) <= Math.max(wanted.length(), name.length()) / 2)
                .sorted(Comparator.comparingInt((String name) -> Nearest.distance(wanted, name))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(SHOWN)
                .toList();
    }
}
