/** Checkpoints that nobody needs, and whose a folder of artifacts is. Called by the command {@code gc} and by workers. */
@NullMarked
package perdura.experiments.gc;

import org.jspecify.annotations.NullMarked;
