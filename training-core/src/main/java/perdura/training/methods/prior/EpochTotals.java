package perdura.training.methods.prior;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.prior.model.PrototypeCounts;
import perdura.training.methods.prior.model.StageForward;

/**
 * What the steps of an epoch add up to. It is part of a job's state, so that an epoch that is interrupted tells the same
 * figures.
 */
final class EpochTotals {
    private static final String PREFIX = "epoch.";
    private static final String COUNTS = PREFIX + "prototype_counts";
    private static final String SUMS = PREFIX + "sums";
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
        ByteBuffer whole = buffer(8 * counts.size());
        counts.writeTo(whole.asLongBuffer());
        ByteBuffer real = buffer(8 * sums.length);
        for (double sum : sums) {
            real.putDouble(sum);
        }
        return List.of(
                new HostTensor(COUNTS, ElementType.I64, List.of((long) counts.size()), whole),
                new HostTensor(SUMS, ElementType.F64, List.of((long) sums.length), real.flip()));
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Replaces all totals.
     *
     * @throws PerduraException CHECKPOINT_DAMAGED unless these are what {@link #copy} gives for a model of this size
     */
    void load(List<HostTensor> tensors) {
        Map<String, HostTensor> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<String> wrong = new ArrayList<>();
        for (HostTensor expected : copy()) {
            HostTensor tensor = byName.remove(expected.name());
            if (tensor == null
                    || tensor.type() != expected.type()
                    || !tensor.shape().equals(expected.shape())) {
                wrong.add("tensor " + expected.name() + " must be " + expected.type() + expected.shape() + ", was "
                        + (tensor == null ? "missing" : tensor.type() + "" + tensor.shape()));
            } else {
                read(tensor);
            }
        }
        byName.keySet().forEach(name -> wrong.add("tensor " + name + " is unknown to this model"));
        if (!wrong.isEmpty()) {
            throw new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, String.join("; ", wrong));
        }
    }

    private void read(HostTensor tensor) {
        ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.name().equals(COUNTS)) {
            counts.readFrom(data.asLongBuffer());
        } else {
            data.asDoubleBuffer().get(sums);
        }
    }
}
