package perdura.training.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Everything that the next step depends on, besides the spec, the data and the position: named sections in a fixed order, each a list of
 * tensors in a fixed order. Names are lower-case letters and dashes.
 */
public record TrainState(Map<String, List<HostTensor>> sections) {
    /** Parameters and buffers of the model. */
    public static final String WEIGHTS = "weights";
    /** Moments and step counts. */
    public static final String OPTIMIZER = "optimizer";

    private static final Pattern NAME = Pattern.compile("[a-z]+(-[a-z]+)*");

    public TrainState {
        Map<String, List<HostTensor>> copy = new LinkedHashMap<>();
        sections.forEach((name, tensors) -> {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("a section's name has lower-case letters and dashes, was " + name);
            }
            copy.put(name, List.copyOf(tensors));
        });
        sections = Collections.unmodifiableMap(copy);
    }

    /** A state of one section, {@link #WEIGHTS}. */
    public static TrainState ofWeights(List<HostTensor> weights) {
        return new TrainState(Map.of(WEIGHTS, weights));
    }

    /** The same state with one more section, the last. */
    public TrainState with(String name, List<HostTensor> tensors) {
        Map<String, List<HostTensor>> all = new LinkedHashMap<>(sections);
        if (all.put(name, tensors) != null) {
            throw new IllegalArgumentException("there is a section " + name + " already");
        }
        return new TrainState(all);
    }

    public List<HostTensor> weights() {
        return section(WEIGHTS);
    }

    public List<HostTensor> optimizer() {
        return section(OPTIMIZER);
    }

    /** @throws PerduraException CHECKPOINT_DAMAGED if there is no such section */
    public List<HostTensor> section(String name) {
        List<HostTensor> tensors = sections.get(name);
        if (tensors == null) {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED,
                    "the state must have a section " + name + ", it has " + sections.keySet());
        }
        return tensors;
    }
}
