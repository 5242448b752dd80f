/**
 * SENSE's networks, losses, momentum weights and queues (sense.md 2, 3c, 3d), without access to data. Called by SENSE's job and by the
 * evaluation of its checkpoints.
 */
@NullMarked
package perdura.training.methods.sense.model;

import org.jspecify.annotations.NullMarked;
