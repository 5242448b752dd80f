/**
 * Tasks that predict labels of images: fine-tuning and the linear probe. Called by {@code tasks} through the service loader.
 */
@NullMarked
package perdura.training.tasks.classify;

import org.jspecify.annotations.NullMarked;
