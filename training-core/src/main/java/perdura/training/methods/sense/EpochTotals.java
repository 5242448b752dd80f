package perdura.training.methods.sense;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.metric.LabelAgreement;

/**
 * What the steps of an epoch add up to, and what is known of the clusters of the epochs before. It is part of a job's state, so that an epoch
 * that is interrupted tells the same figures.
 */
final class EpochTotals {
    /** Losses whose mean over the epoch is told. */
    private static final List<String> LOSSES = List.of("cmc", "mmc", "umc");

    private static final String SUMS = "epoch.sums";
    private static final String LABELS = "epoch.labels";

    private static final int STEPS = 0;
    private static final int AGREEMENT = 1;
    private static final int FIRST_SPREAD = 2;
    private static final int FIRST_LOSS = 3;

    private final double[] sums = new double[FIRST_LOSS + LOSSES.size()];
    private final int[] labels;

    /** @param studies that are clustered; 0 for none */
    EpochTotals(int studies) {
        this.labels = new int[studies];
        Arrays.fill(labels, -1);
        sums[AGREEMENT] = Double.NaN;
        sums[FIRST_SPREAD] = Double.NaN;
    }

    /** An epoch begins. */
    void begin(@Nullable PreparedClusters clusters) {
        sums[STEPS] = 0;
        Arrays.fill(sums, FIRST_LOSS, sums.length, 0);
        sums[AGREEMENT] = Double.NaN;
        if (clusters != null) {
            if (labels[0] >= 0) {
                sums[AGREEMENT] = LabelAgreement.normalizedMutualInformation(labels, clusters.labels());
            }
            if (Double.isNaN(sums[FIRST_SPREAD])) {
                sums[FIRST_SPREAD] = clusters.spread();
            }
            System.arraycopy(clusters.labels(), 0, labels, 0, labels.length);
        }
    }

    /** @param figures of a step, as the model gives them */
    void add(Map<String, Double> figures) {
        sums[STEPS]++;
        for (int i = 0; i < LOSSES.size(); i++) {
            sums[FIRST_LOSS + i] += figures.getOrDefault(LOSSES.get(i), 0.0);
        }
    }

    /** Means over the steps so far, of each loss, 0 where it is not computed. */
    Map<String, Double> means() {
        Map<String, Double> means = new LinkedHashMap<>();
        for (int i = 0; i < LOSSES.size(); i++) {
            means.put(LOSSES.get(i), sums[FIRST_LOSS + i] / sums[STEPS]);
        }
        return means;
    }

    /** How far the epoch's labels agree with those of the epoch before, in [0, 1]; NaN for the first ones. */
    double agreement() {
        return sums[AGREEMENT];
    }

    /** The spread of the features of the first epoch that had clusters; NaN before. */
    double firstSpread() {
        return sums[FIRST_SPREAD];
    }

    List<HostTensor> copy() {
        HostTensor all = StateNumbers.of(SUMS, sums);
        return labels.length == 0 ? List.of(all) : List.of(all, StateNumbers.ofWhole(LABELS, whole(labels)));
    }

    private static long[] whole(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    /**
     * Replaces all.
     *
     * @throws PerduraException CHECKPOINT_DAMAGED unless these are what {@link #copy} gives for as many studies
     */
    void load(List<HostTensor> tensors) {
        StateNumbers.requireOnly(tensors, labels.length == 0 ? List.of(SUMS) : List.of(SUMS, LABELS));
        double[] loaded = StateNumbers.read(SUMS, tensors, sums.length);
        if (labels.length > 0) {
            long[] known = StateNumbers.readWhole(LABELS, tensors, labels.length);
            Arrays.setAll(labels, i -> Math.toIntExact(known[i]));
        }
        System.arraycopy(loaded, 0, sums, 0, sums.length);
    }
}
