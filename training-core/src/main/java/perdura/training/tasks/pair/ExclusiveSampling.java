package perdura.training.tasks.pair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.tasks.pair.SeenStudies.Distance;

/**
 * As many samples of each of the five findings as are wanted, among those that show it alone and that no training has seen
 * (prior.md 4.3). First come those of the owner's validation and test parts and of sets that are never learned, by
 * {@code Stream(hash64(seed, purpose, column)).permutation} of their ascending ids, as
 * {@link perdura.datasets.split.chexpert.FiveByTwoHundred#drawnBySeed} draws; then those of the training part that the
 * pre-training withheld, by {@code Stream(hash64(seed, purpose, column, "withheld")).permutation}.
 *
 * @param path of the parameter that names the data set, for messages
 * @param purpose tells the draws of one evaluation apart: {@code 5x200} or {@code retrieval}
 * @param perClass samples of each finding, at least 1
 * @param shortage what is done if there are fewer
 */
public record ExclusiveSampling(String path, String purpose, int perClass, Shortage shortage, long seed) {
    /** If a finding has too few samples. */
    public enum Shortage {
        /** INVALID_DATA. */
        REFUSE,
        /** As many of every finding as the rarest one has. */
        TAKE_FEWER
    }

    /**
     * Draws.
     *
     * @param sizes path of the parameter that says how many, for messages
     * @return a split whose parts are the findings' columns, in the order of {@link FindingClasses#NAMES}
     * @throws PerduraException INVALID_SPEC if the set has no such labels; INVALID_DATA with all findings that have too few
     */
    public Split draw(DataSet data, SeenStudies seen, String sizes) {
        FindingClasses classes = FindingClasses.of(data, path);
        Distance[] distances = seen.distances(data);
        List<RowList> drawn = new ArrayList<>();
        for (int finding = 0; finding < FindingClasses.NAMES.size(); finding++) {
            drawn.add(candidates(classes, distances, finding));
        }
        int least = drawn.stream().mapToInt(RowList::size).min().orElseThrow();
        if (least == 0 || (least < perClass && shortage == Shortage.REFUSE)) {
            throw tooFew(data, drawn, sizes);
        }
        int taken = Math.min(least, perClass);
        Map<String, RowList> parts = new LinkedHashMap<>();
        for (int finding = 0; finding < drawn.size(); finding++) {
            parts.put(FindingClasses.NAMES.get(finding), drawn.get(finding).first(taken));
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("dataset", data.header().digest());
        parameters.put("perClass", taken);
        parameters.put("seed", seed);
        return Split.of(purpose, "exclusive findings", parameters, new DataSetSplits(data).samples(), parts);
    }

    private RowList candidates(FindingClasses classes, Distance[] distances, int finding) {
        String column = FindingClasses.NAMES.get(finding);
        RowList heldOut = rows(classes, distances, finding, Distance.HELD_OUT);
        RowList withheld = rows(classes, distances, finding, Distance.WITHHELD);
        RowList first = heldOut.pick(Seeds.stream(seed, purpose, column).permutation(heldOut.size()));
        RowList then =
                withheld.pick(Seeds.stream(seed, purpose, column, "withheld").permutation(withheld.size()));
        return RowList.of(IntStream.concat(first.stream(), then.stream()).toArray());
    }

    private static RowList rows(FindingClasses classes, Distance[] distances, int finding, Distance wanted) {
        return RowList.of(IntStream.range(0, classes.size())
                .filter(row -> classes.of(row) == finding && distances[row] == wanted)
                .toArray());
    }

    private PerduraException tooFew(DataSet data, List<RowList> drawn, String sizes) {
        List<String> lacking = new ArrayList<>();
        for (int finding = 0; finding < drawn.size(); finding++) {
            int found = drawn.get(finding).size();
            if (found < perClass) {
                lacking.add(FindingClasses.NAMES.get(finding) + " has " + found);
            }
        }
        return new PerduraException(
                ErrorCode.INVALID_DATA,
                path + ": data set " + data.header().digest() + " ("
                        + data.header().set().word() + "): " + String.join(", ", lacking) + " of the " + perClass
                        + " samples that " + sizes + " asks for of each finding, shown alone and not seen by the"
                        + " pre-training; take a smaller " + sizes
                        + ", a data set with more of them, or allowFewer: true");
    }
}
