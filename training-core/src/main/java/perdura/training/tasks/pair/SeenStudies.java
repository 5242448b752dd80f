package perdura.training.tasks.pair;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.grids.spec.DataSpec;

/** The studies that a pre-training has learned: those of its data set in the splits that it takes. */
public final class SeenStudies {
    private final DataSet trained;
    private final DataSpec.Split split;

    /** @param trained the pre-training's data set */
    public SeenStudies(DataSet trained, DataSpec.Split split) {
        this.trained = trained;
        this.split = split;
    }

    /** How near the samples of a data set are to the training, by row. Those of another owner's set are all unseen. */
    Distance[] distances(DataSet data) {
        Distance[] distances = new Distance[Math.toIntExact(data.size())];
        Arrays.fill(distances, Distance.HELD_OUT);
        if (data.header().set() == trained.header().set()) {
            Set<String> seen = ids();
            for (int row = 0; row < distances.length; row++) {
                distances[row] = seen.contains(data.sampleId(row))
                        ? Distance.SEEN
                        : data.split(row).equals("train") ? Distance.WITHHELD : Distance.HELD_OUT;
            }
        }
        return distances;
    }

    private Set<String> ids() {
        Set<String> ids = new HashSet<>();
        for (int row : SplitRows.of(trained, split)) {
            ids.add(trained.sampleId(row));
        }
        return ids;
    }

    /** Of a sample from a pre-training. */
    enum Distance {
        /** Of the owner's validation or test part, or of another set. */
        HELD_OUT,
        /** Of the owner's training part, but not of what was learned. */
        WITHHELD,
        /** Learned. */
        SEEN
    }
}
