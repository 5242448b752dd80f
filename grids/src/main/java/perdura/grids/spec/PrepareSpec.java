package perdura.grids.spec;

import org.jspecify.annotations.Nullable;

/**
 * What must have happened before a pre-training looks at its data. It does not decide the result, since the data does.
 *
 * @param airflow the DAG that must have run, or null for none
 */
public record PrepareSpec(@Nullable AirflowSpec airflow) {
    /** Nothing. */
    public static final PrepareSpec NONE = new PrepareSpec(null);
}
