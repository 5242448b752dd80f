/** Empties the outbox into MLflow, in order per run, for ever. Runs in every worker; `perdura mlflow sync` runs it once. */
@NullMarked
package perdura.store.relay;

import org.jspecify.annotations.NullMarked;
