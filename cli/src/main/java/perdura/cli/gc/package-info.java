/** Checkpoints that nobody needs. Called by {@code gc}. */
@NullMarked
package perdura.cli.gc;

import org.jspecify.annotations.NullMarked;
