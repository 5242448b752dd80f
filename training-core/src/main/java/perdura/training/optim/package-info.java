/** Optimisers, gradient clipping, learning-rate schedules and early stopping. Called by {@code pretrain}. */
@NullMarked
package perdura.training.optim;

import org.jspecify.annotations.NullMarked;
