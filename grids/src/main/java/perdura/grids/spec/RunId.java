package perdura.grids.spec;

import java.util.regex.Pattern;

/**
 * Names one training or evaluation. It survives attempts, names the run's folder of checkpoints and is MLflow's tag
 * {@code perdura.run_key}.
 *
 * @param value 1 to 100 characters out of {@code a-z 0-9 -}, beginning with a letter
 */
public record RunId(String value) implements Comparable<RunId> {
    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,99}");

    public RunId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "run id must be a letter and then at most 99 of a-z, 0-9 and '-', was '" + value + "'");
        }
    }

    @Override
    public int compareTo(RunId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
