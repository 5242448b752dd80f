/**
 * SENSE as a method of pre-training (sense.md 3): its job, what is prepared for its epochs, its validation, its checkpoints in downstream
 * tasks. Called through {@code perdura.training.method.Methods}.
 */
@NullMarked
package perdura.training.methods.sense;

import org.jspecify.annotations.NullMarked;
