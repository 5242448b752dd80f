/**
 * Zero-shot classification and retrieval (prior.md 4.3; of pairs and of two prompts sense.md 4.1, 4.3): a pre-training's checkpoint answers with scores of images and texts. Called
 * by {@code tasks} through the service loader, and by whoever draws pictures of a trained model.
 */
@NullMarked
package perdura.training.tasks.pair;

import org.jspecify.annotations.NullMarked;
