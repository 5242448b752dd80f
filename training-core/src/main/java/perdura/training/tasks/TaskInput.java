package perdura.training.tasks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.TrialSpec;

/**
 * A trial's parameters, and what stands behind those that name something.
 *
 * @param dataSets by path of the parameter that names it
 * @param encoders by path of the parameter that names its weights; none where the encoder begins at random
 */
public record TaskInput(
        TrialSpec trial, SortedMap<String, DataSet> dataSets, SortedMap<String, PretrainedEncoder> encoders) {
    public TaskInput {
        dataSets = Collections.unmodifiableSortedMap(new TreeMap<>(dataSets));
        encoders = Collections.unmodifiableSortedMap(new TreeMap<>(encoders));
    }

    /** The data set of a parameter. */
    public DataSet dataSet(String path) {
        DataSet data = dataSets.get(path);
        if (data == null) {
            throw new IllegalStateException("the trial has no data set at " + path);
        }
        return data;
    }

    /** The encoder of a parameter; empty for a random one. */
    public Optional<PretrainedEncoder> encoder(String path) {
        return Optional.ofNullable(encoders.get(path));
    }

    /** A whole number. */
    public long whole(String path) {
        return required(path, Long.class);
    }

    /** A whole number that its type keeps within an int. */
    public int count(String path) {
        return Math.toIntExact(whole(path));
    }

    /** A number. */
    public double real(String path) {
        return required(path, Double.class);
    }

    /** A word. */
    public String word(String path) {
        return required(path, String.class);
    }

    /** A whole number, or null. */
    public @Nullable Integer countOrNull(String path) {
        return trial.parameters().value(path) == null ? null : (Integer) count(path);
    }

    /** Whole numbers, or null. */
    public @Nullable List<Integer> countsOrNull(String path) {
        if (!(trial.parameters().value(path) instanceof List<?> values)) {
            return null;
        }
        List<Integer> counts = new ArrayList<>();
        for (Object value : values) {
            counts.add(Math.toIntExact((Long) value));
        }
        return counts;
    }

    private <T> T required(String path, Class<T> type) {
        Object value = trial.parameters().value(path);
        if (!type.isInstance(value)) {
            throw new IllegalStateException(
                    "task " + trial.task() + ": " + path + " must be a " + type.getSimpleName() + ", was " + value);
        }
        return type.cast(value);
    }
}
