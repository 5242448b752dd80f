package perdura.datasets.split.chexpert;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import perdura.datasets.split.LegacyPermutation;
import perdura.datasets.split.RatioSplit;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** How CheXpert's frontal images train, validate and test once the 5x200 images are taken out. */
public final class ChexpertSplits {
    /** Validation images of GLoRIA's protocol. */
    public static final int VALIDATION_IMAGES = 5_000;

    private ChexpertSplits() {}

    /**
     * PRIOR's protocol (prior.md 4.2): 6 : 2 : 2 by patient over the frontal rows of {@code train.csv} without the 5x200 images.
     *
     * @param fiveByTwoHundred of the same table
     */
    public static Split prior(String name, ChexpertTable table, Split fiveByTwoHundred, long seed) {
        Split split =
                RatioSplit.sixTwoTwo(name, table.samples(), rest(table, fiveByTwoHundred), Split.Unit.PATIENT, seed);
        return new Split(name, "chexpert prior", withSet(split.parameters(), fiveByTwoHundred), split.parts());
    }

    /**
     * GLoRIA's protocol (sense.md 4.2; {@code chexpert.protocol=gloria} in prior.md 4.2): without the 5x200 images, the first
     * {@code validationImages} of the legacy permutation, seed 0, of the frontal paths of {@code train.csv} in ascending order
     * validate, the others train; the frontal rows of {@code valid.csv} test, by ascending path.
     *
     * @param validationImages {@value #VALIDATION_IMAGES} in the papers
     * @throws PerduraException INVALID_DATA if a part stays empty
     */
    public static Split gloria(String name, ChexpertTable table, Split fiveByTwoHundred, int validationImages) {
        RowList rest = rest(table, fiveByTwoHundred);
        if (rest.size() <= validationImages) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "split '" + name + "': " + rest.size() + " frontal images of train.csv are left for training and "
                            + validationImages + " validation images; there must be more, or fewer for validation");
        }
        RowList drawn = rest.pick(LegacyPermutation.of(rest.size(), 0));
        Map<String, RowList> parts = Split.parts(
                drawn.between(validationImages, drawn.size()),
                drawn.first(validationImages),
                table.frontal(ChexpertTable.Source.VALID));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("validationImages", validationImages);
        parameters.put("legacySeed", 0);
        return Split.of(name, "chexpert gloria", withSet(parameters, fiveByTwoHundred), table.samples(), parts);
    }

    private static RowList rest(ChexpertTable table, Split fiveByTwoHundred) {
        BitSet gone = new BitSet();
        fiveByTwoHundred.parts().values().forEach(part -> part.rows().stream().forEach(gone::set));
        return table.frontal(ChexpertTable.Source.TRAIN).filter(row -> !gone.get(row));
    }

    private static Map<String, Object> withSet(Map<String, Object> parameters, Split fiveByTwoHundred) {
        Map<String, Object> all = new LinkedHashMap<>(parameters);
        all.put("without", fiveByTwoHundred.digest());
        return all;
    }
}
