/**
 * What a model's answers are worth: ranking, threshold, retrieval, class and cluster metrics as scikit-learn defines them, masks by Dice, boxes as COCO does. Called by {@code
 * tasks} and by the validation of {@code methods}.
 */
@NullMarked
package perdura.training.metric;

import org.jspecify.annotations.NullMarked;
