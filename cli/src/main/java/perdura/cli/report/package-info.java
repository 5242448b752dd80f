/** A sweep as one HTML page that needs no other file and no network. Called by the command {@code report}. */
@NullMarked
package perdura.cli.report;

import org.jspecify.annotations.NullMarked;
