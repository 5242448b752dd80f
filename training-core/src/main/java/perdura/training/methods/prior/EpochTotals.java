package perdura.training.methods.prior;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.methods.prior.model.PrototypeCounts;
import perdura.training.methods.prior.model.StageForward;

/**
 * What the steps of an epoch add up to. It is part of a job's state, so that an epoch that is interrupted tells the same
 * figures.
 */
final class EpochTotals {
    private static final String COUNTS = "epoch.prototype_counts";
    private static final String SUMS = "epoch.sums";
    /** Figures of a step whose mean over the epoch is kept. */
    static final String GLOBAL = "loss_global";

    static final String WEIGHT = "prototype_greatest_weight";
    private static final List<String> MEANS = List.of(GLOBAL, WEIGHT);

    private final PrototypeCounts counts;
    private final double[] sums = new double[1 + MEANS.size()]; // the steps first

    EpochTotals(int prototypes) {
        this.counts = new PrototypeCounts(prototypes);
    }

    void clear() {
        counts.clear();
        Arrays.fill(sums, 0);
    }

    void add(StageForward.Result step) {
        PrototypeCounts prototypes = step.counts();
        if (prototypes != null) {
            counts.add(prototypes);
        }
        sums[0]++;
        for (int i = 0; i < MEANS.size(); i++) {
            sums[i + 1] += step.figures().getOrDefault(MEANS.get(i), 0.0);
        }
    }

    /** Means over the steps so far of {@link #GLOBAL} and {@link #WEIGHT}, 0 where the stage has no such figure. */
    Map<String, Double> means() {
        Map<String, Double> means = new LinkedHashMap<>();
        for (int i = 0; i < MEANS.size(); i++) {
            means.put(MEANS.get(i), sums[i + 1] / sums[0]);
        }
        return means;
    }

    /** How the sentences of all steps so far are spread. */
    PrototypeCounts usage() {
        return counts;
    }

    List<HostTensor> copy() {
        return List.of(StateNumbers.ofWhole(COUNTS, counts.toArray()), StateNumbers.of(SUMS, sums));
    }

    /**
     * Replaces all totals.
     *
     * @throws PerduraException CHECKPOINT_DAMAGED unless these are what {@link #copy} gives for a model of this size
     */
    void load(List<HostTensor> tensors) {
        StateNumbers.requireOnly(tensors, List.of(COUNTS, SUMS));
        double[] loaded = StateNumbers.read(SUMS, tensors, sums.length);
        counts.set(StateNumbers.readWhole(COUNTS, tensors, counts.toArray().length));
        System.arraycopy(loaded, 0, sums, 0, sums.length);
    }
}
