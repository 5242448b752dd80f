package perdura.datasets.ingest;

import java.util.EnumMap;
import java.util.Map;

/** Counts what is left out, by reason. Not thread-safe. */
final class Counts {
    private final Map<LeftOut, Long> leftOut = new EnumMap<>(LeftOut.class);

    Counts() {
        for (LeftOut reason : LeftOut.values()) {
            leftOut.put(reason, 0L);
        }
    }

    void add(LeftOut reason) {
        add(reason, 1);
    }

    void add(LeftOut reason, long count) {
        leftOut.merge(reason, count, Long::sum);
    }

    void addAll(Map<LeftOut, Long> others) {
        others.forEach(this::add);
    }

    /** All reasons in their order, also those with none. */
    Map<LeftOut, Long> leftOut() {
        return new EnumMap<>(leftOut);
    }
}
