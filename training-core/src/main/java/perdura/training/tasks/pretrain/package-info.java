/**
 * The task whose trials pre-train, each with settings of its own, and are judged by a downstream task. Called by {@code tasks} through the service loader, and by whoever plans pre-trainings of a sweep.
 */
@NullMarked
package perdura.training.tasks.pretrain;

import org.jspecify.annotations.NullMarked;
