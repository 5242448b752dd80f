/** Opening and reading files that somebody else made. Called by the readers of specs, data sets and weights. */
@NullMarked
package perdura.grids.input;

import org.jspecify.annotations.NullMarked;
