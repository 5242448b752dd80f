/** Where Temporal, Postgres, MLflow and the artifacts are: flags, environment, file, local stack. Called by the commands. */
@NullMarked
package perdura.cli.settings;

import org.jspecify.annotations.NullMarked;
