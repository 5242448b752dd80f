/**
 * Weights that come from elsewhere or go there: recognised, imported into content-addressed folders of the artifact store,
 * taken as the first values of a pre-training, exported for Python. Called by the commands and by
 * {@code perdura.training.methods}.
 */
@NullMarked
package perdura.training.weights;

import org.jspecify.annotations.NullMarked;
