/** Pre-trainings as jobs of the train loop. Called by the gpu activities. */
@NullMarked
package perdura.training.pretrain;

import org.jspecify.annotations.NullMarked;
