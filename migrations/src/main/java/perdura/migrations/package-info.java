/** The schema of the store; called by experiment-store when it opens a database. */
@NullMarked
package perdura.migrations;

import org.jspecify.annotations.NullMarked;
