/**
 * Data sets on disk, the image pipeline, and the batches of the training (prior.md 1). Called by the training jobs, by the
 * cpu activities and by {@code perdura data}.
 */
@NullMarked
package perdura.datasets.data;

import org.jspecify.annotations.NullMarked;
