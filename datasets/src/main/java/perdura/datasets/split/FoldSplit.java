package perdura.datasets.split;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.split.PartFiller.SampleGroups;

/**
 * Five-fold cross-validation (prior.md 4, "Shared"): split k tests on fold k, validates on fold k + 1 mod 5 and trains on the other
 * three. Samples (or patients) come in the order {@code Stream(hash64(seed, "split-folds")).permutation} of their ascending ids; the
 * first n mod 5 folds have one sample more, as in {@code sklearn.model_selection.KFold}.
 */
public final class FoldSplit {
    /** Folds of a cross-validation. */
    public static final int FOLDS = 5;

    private FoldSplit() {}

    /**
     * The five splits of the given rows, named {@code name-fold0} to {@code name-fold4}. By patient, whole patients are placed,
     * and the sizes are as near as that allows.
     *
     * @param rows the rows that take part, in any order; at least 5
     * @throws perdura.grids.spec.PerduraException INVALID_DATA if a fold stays empty
     */
    public static List<Split> five(String name, Samples samples, RowList rows, Split.Unit unit, long seed) {
        SampleGroups groups = SampleGroups.of(samples, rows, unit);
        PartFiller filler =
                new PartFiller(groups, Seeds.stream(seed, "split-folds").permutation(groups.count()));
        List<RowList> folds = new ArrayList<>();
        for (int k = 0; k < FOLDS - 1; k++) {
            folds.add(filler.take(rows.size() / FOLDS + (k < rows.size() % FOLDS ? 1 : 0)));
        }
        folds.add(filler.rest());
        List<Split> splits = new ArrayList<>();
        for (int k = 0; k < FOLDS; k++) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put("unit", unit.name());
            parameters.put("seed", seed);
            parameters.put("fold", k);
            splits.add(Split.of(name + "-fold" + k, "five folds", parameters, samples, parts(folds, k)));
        }
        return splits;
    }

    private static Map<String, RowList> parts(List<RowList> folds, int k) {
        IntStream train = IntStream.rangeClosed(k + 2, k + 4).flatMap(i -> fold(folds, i).stream());
        return Split.parts(RowList.of(train.toArray()), fold(folds, k + 1), fold(folds, k));
    }

    private static RowList fold(List<RowList> folds, int k) {
        return folds.get(k % FOLDS);
    }
}
