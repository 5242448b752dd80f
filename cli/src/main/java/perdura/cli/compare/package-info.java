/**
 * Trials and runs beside each other: points and their seeds, means and their uncertainty, ranks, what differs, what explains the
 * results. Called by the commands and by {@code perdura.cli.report}.
 */
@NullMarked
package perdura.cli.compare;

import org.jspecify.annotations.NullMarked;
