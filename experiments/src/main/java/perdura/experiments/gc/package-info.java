/** Checkpoints that nobody needs. Called by the command {@code gc}. */
@NullMarked
package perdura.experiments.gc;

import org.jspecify.annotations.NullMarked;
