package perdura.datasets.split.chexpert;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.split.LegacyPermutation;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * The 5x200 set: for each of five findings, 200 frontal images of {@code train.csv} that show this finding alone
 * ({@link Mentions#isOnly}; prior.md 4.3, sense.md 4.2). It is a split whose parts are the findings' columns.
 */
public final class FiveByTwoHundred {
    /** Images of a class in the papers' sets. */
    public static final int PER_CLASS = 200;

    private FiveByTwoHundred() {}

    /** SENSE's set: the first of the legacy permutation, seed 0, of each class's candidates by ascending path. */
    public static Split drawnByLegacy(String name, ChexpertTable table, int perClass) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("perClass", perClass);
        parameters.put("legacySeed", 0);
        return draw(name, table, perClass, parameters, (finding, n) -> LegacyPermutation.of(n, 0));
    }

    /**
     * A set of PRIOR's kind: the first of {@code Stream(hash64(seed, "5x200", column)).permutation} of each class's candidates by
     * ascending path.
     *
     * @param seed 114514 to 114518 in the paper's five samplings
     */
    public static Split drawnBySeed(String name, ChexpertTable table, int perClass, long seed) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("perClass", perClass);
        parameters.put("seed", seed);
        return draw(
                name,
                table,
                perClass,
                parameters,
                (finding, n) -> Seeds.stream(seed, "5x200", finding.column()).permutation(n));
    }

    /** All rows that a class's images may be drawn from, by ascending path. */
    public static RowList candidates(ChexpertTable table, ChexpertFinding finding) {
        return table.frontal(ChexpertTable.Source.TRAIN)
                .filter(row -> table.rows().get(row).mentions().isOnly(finding));
    }

    private static Split draw(
            String name,
            ChexpertTable table,
            int perClass,
            Map<String, Object> parameters,
            BiFunction<ChexpertFinding, Integer, int[]> permutations) {
        Map<String, RowList> classes = new LinkedHashMap<>();
        for (ChexpertFinding finding : ChexpertFinding.FIVE) {
            RowList candidates = candidates(table, finding);
            if (candidates.size() < perClass) {
                throw new PerduraException(
                        ErrorCode.INVALID_DATA,
                        "set '" + name + "': " + candidates.size() + " frontal images of train.csv show "
                                + finding.column() + " alone, " + perClass
                                + " are needed; take a set with fewer images per class or give a list");
            }
            int[] order = permutations.apply(finding, candidates.size());
            classes.put(finding.column(), candidates.pick(order).first(perClass));
        }
        return Split.of(name, "5x200 by rule", parameters, table.samples(), classes);
    }
}
