/**
 * What a model's answers are worth: ranking, threshold, retrieval, class and cluster metrics as scikit-learn defines them, masks by Dice, boxes as COCO
 * does, and beside the two what answers are worth that need no learning. Called by {@code tasks} and by the validation of {@code methods}.
 */
@NullMarked
package perdura.training.metric;

import org.jspecify.annotations.NullMarked;
