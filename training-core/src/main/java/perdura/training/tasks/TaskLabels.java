package perdura.training.tasks;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.datasets.split.chexpert.Mentions.Mention;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;

/** The questions of a classification: a 0 or 1 for each label and row of a data set. */
public final class TaskLabels {
    private TaskLabels() {}

    /**
     * The labels of a data set. Of CheXpert, those of {@code findings}, where blank and uncertain cells count as
     * {@link ChexpertLabels#label} says; of any other set, all its columns.
     *
     * @param findings of no meaning to other sets than CheXpert
     * @throws PerduraException INVALID_SPEC if the set has no labels; INVALID_DATA if a label of another set than CheXpert is
     *     neither 0 nor 1
     */
    public static BinaryLabels of(DataSet data, ChexpertLabels findings) {
        if (data.header().labels().isEmpty()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "data set " + data.header().digest() + " ("
                            + data.header().set().word() + ") has no labels to classify by");
        }
        return data.header().set() == SourceSet.CHEXPERT ? chexpert(data, findings.findings()) : plain(data);
    }

    private static BinaryLabels chexpert(DataSet data, List<ChexpertFinding> findings) {
        List<String> names = findings.stream().map(ChexpertFinding::column).toList();
        int[] columns = names.stream().mapToInt(data.header().labels()::indexOf).toArray();
        int[] masks = new int[Math.toIntExact(data.size())];
        for (int row = 0; row < masks.length; row++) {
            for (int i = 0; i < columns.length; i++) {
                masks[row] |= ChexpertLabels.label(findings.get(i), Mention.ofLabel(data.label(row, columns[i]))) << i;
            }
        }
        return new BinaryLabels(names, masks);
    }

    private static BinaryLabels plain(DataSet data) {
        List<String> names = data.header().labels();
        int[] masks = new int[Math.toIntExact(data.size())];
        List<String> faults = new ArrayList<>();
        for (int row = 0; row < masks.length; row++) {
            for (int i = 0; i < names.size(); i++) {
                float value = data.label(row, i);
                masks[row] |= value == 1 ? 1 << i : 0;
                if (value != 0 && value != 1) {
                    faults.add("sample '" + data.sampleId(row) + "', label '" + names.get(i) + "': " + value);
                }
            }
        }
        if (!faults.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "data set " + data.header().digest() + ": a label must be 0 or 1, " + faults.size()
                            + " are not, the first is " + faults.get(0));
        }
        return new BinaryLabels(names, masks);
    }
}
