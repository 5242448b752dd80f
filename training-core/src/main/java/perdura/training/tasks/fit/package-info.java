/**
 * The epoch loop of the tasks that learn from truths: train, measure, keep the best, test. Called by the packages of the tasks, which
 * give it a net, batches and what measures them.
 */
@NullMarked
package perdura.training.tasks.fit;

import org.jspecify.annotations.NullMarked;
