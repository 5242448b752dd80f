/**
 * Downstream tasks as jobs of the train loop: supervised classification (prior.md 4.2), the linear probe (sense.md 4.2),
 * zero-shot classification and retrieval (prior.md 4.3). Called by the gpu activities.
 */
@NullMarked
package perdura.training.task;

import org.jspecify.annotations.NullMarked;
