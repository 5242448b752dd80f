package perdura.benchmarks;

import java.util.Collection;

/** The upper median. */
final class Median {
    private Median() {}

    static double of(Collection<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
