/**
 * The local stack: Postgres, Temporal, MLflow and a worker as processes of this machine, their state in one file. Called
 * by {@code up}, {@code down}, {@code status}, {@code quickstart} and {@code resume}.
 */
@NullMarked
package perdura.cli.stack;

import org.jspecify.annotations.NullMarked;
