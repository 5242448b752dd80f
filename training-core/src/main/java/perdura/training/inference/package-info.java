/**
 * A pre-training's checkpoint that answers: images, reports and prompts to vectors, and their scores (prior.md 4.3). Called by
 * {@code perdura.training.task} and by whoever draws pictures of a trained model.
 */
@NullMarked
package perdura.training.inference;

import org.jspecify.annotations.NullMarked;
