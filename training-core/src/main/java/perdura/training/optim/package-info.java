/** Optimisers and learning-rate schedules. Called by the models and the train loop. */
@NullMarked
package perdura.training.optim;

import org.jspecify.annotations.NullMarked;
