/**
 * The truth about runs, in Postgres: runs, attempts with their fences, commits, metrics, events, and the outbox that the
 * relay empties into MLflow. Activities write it, the CLI reads it.
 */
@NullMarked
package perdura.store;

import org.jspecify.annotations.NullMarked;
