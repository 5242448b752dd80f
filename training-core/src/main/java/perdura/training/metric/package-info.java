/**
 * What a model's answers are worth: ranking, threshold and class metrics as scikit-learn defines them. Called by {@code
 * task}.
 */
@NullMarked
package perdura.training.metric;

import org.jspecify.annotations.NullMarked;
