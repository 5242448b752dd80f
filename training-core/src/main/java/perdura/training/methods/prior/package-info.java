/**
 * The method PRIOR (prior.md): its pre-training as a job of the train loop, and its trained models. Called by the gpu activities.
 */
@NullMarked
package perdura.training.methods.prior;

import org.jspecify.annotations.NullMarked;
