/** Opening and reading files that somebody else made. Called by the readers of specs, settings, data sets, weights and checkpoints. */
@NullMarked
package perdura.grids.input;

import org.jspecify.annotations.NullMarked;
