package perdura.training.tasks;

import perdura.datasets.data.DataSet;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;

/**
 * What a classification learns from and is measured on.
 *
 * @param labels by row of the data set
 * @param split its training part holds the rows that have labels to learn from, a fraction of them perhaps
 */
public record TaskData(DataSet data, BinaryLabels labels, Split split) {
    public TaskData {
        if (labels.size() != data.size()) {
            throw new IllegalArgumentException(
                    "there must be labels of " + data.size() + " rows, were of " + labels.size());
        }
    }

    public RowList train() {
        return split.rows(Split.TRAIN);
    }
}
