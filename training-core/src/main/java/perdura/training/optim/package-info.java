/** Optimisers, gradient clipping, learning-rate schedules and early stopping. Called by {@code pretrain} and {@code task}. */
@NullMarked
package perdura.training.optim;

import org.jspecify.annotations.NullMarked;
