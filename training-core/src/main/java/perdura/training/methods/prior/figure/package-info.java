/** PRIOR's pictures (prior.md 5). Called by {@code methods.prior}. */
@NullMarked
package perdura.training.methods.prior.figure;

import org.jspecify.annotations.NullMarked;
