/** Sweeps as the command line plans, submits and follows them. Called by the commands. */
@NullMarked
package perdura.cli.sweep;

import org.jspecify.annotations.NullMarked;
