package perdura.datasets.split;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Rows in groups that stay together: by ascending patient, or one for each row by ascending id. */
final class SampleGroups {
    private final RowList rows;
    /** Where each group begins in {@link #rows}, and the end. */
    private final int[] starts;

    private SampleGroups(RowList rows, int[] starts) {
        this.rows = rows;
        this.starts = starts;
    }

    static SampleGroups of(Samples samples, RowList rows, Split.Unit unit) {
        if (unit == Split.Unit.SAMPLE) {
            return new SampleGroups(
                    samples.ascending(rows),
                    IntStream.rangeClosed(0, rows.size()).toArray());
        }
        List<String> patients = samples.patients();
        RowList sorted = samples.ascending(rows).sorted(Comparator.comparing(patients::get));
        IntStream firsts = IntStream.range(0, sorted.size())
                .filter(i -> i == 0 || !patients.get(sorted.at(i)).equals(patients.get(sorted.at(i - 1))));
        return new SampleGroups(
                sorted, IntStream.concat(firsts, IntStream.of(sorted.size())).toArray());
    }

    int count() {
        return starts.length - 1;
    }

    int size(int group) {
        return starts[group + 1] - starts[group];
    }

    int largest() {
        return IntStream.range(0, count()).map(this::size).max().orElse(0);
    }

    /** The rows of the given groups, one group after the other. */
    RowList rows(int[] groups) {
        return RowList.of(Arrays.stream(groups)
                .flatMap(group ->
                        IntStream.range(starts[group], starts[group + 1]).map(rows::at))
                .toArray());
    }
}
