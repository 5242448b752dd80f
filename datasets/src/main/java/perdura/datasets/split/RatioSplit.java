package perdura.datasets.split;

import java.util.LinkedHashMap;
import java.util.Map;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.split.PartFiller.SampleGroups;

/**
 * 6 : 2 : 2 (prior.md 4.2): validation and test have round(0.2 n) samples each, train has the others. Samples (or patients) come in
 * the order {@code Stream(hash64(seed, "split-ratio")).permutation} of their ascending ids; validation takes first, then test.
 */
public final class RatioSplit {
    private RatioSplit() {}

    /**
     * Parts train, validation and test of the given rows. By patient, whole patients are placed, and the sizes are as near as
     * that allows.
     *
     * @param rows the rows that take part, in any order; at least 3
     * @throws perdura.grids.spec.PerduraException INVALID_DATA if a part stays empty
     */
    public static Split sixTwoTwo(String name, Samples samples, RowList rows, Split.Unit unit, long seed) {
        int fifth = (2 * rows.size() + 5) / 10; // round(0.2 n) in integers; 0.2 n never ends in .5
        SampleGroups groups = SampleGroups.of(samples, rows, unit);
        PartFiller filler =
                new PartFiller(groups, Seeds.stream(seed, "split-ratio").permutation(groups.count()));
        RowList validation = filler.take(fifth);
        RowList test = filler.take(fifth);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("unit", unit.name());
        parameters.put("seed", seed);
        return Split.of(name, "ratio 6:2:2", parameters, samples, Split.parts(filler.rest(), validation, test));
    }
}
