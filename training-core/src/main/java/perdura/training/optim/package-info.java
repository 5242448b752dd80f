/** Optimisers, gradient clipping and learning-rate schedules. Called by {@code pretrain}. */
@NullMarked
package perdura.training.optim;

import org.jspecify.annotations.NullMarked;
