package perdura.training.tasks.detect;

import java.nio.FloatBuffer;
import java.util.List;
import perdura.datasets.seeds.Seeds;

/**
 * Images with what is to be found in them.
 *
 * @param step of the run that learns from it; 0 where nothing learns
 * @param images [B, C, S, S], float32, normalised
 * @param rows of the images in the data set
 * @param ids of the images
 */
record BoxBatch(long step, FloatBuffer images, List<Integer> rows, List<String> ids, List<Truth> truths) {
    BoxBatch {
        rows = List.copyOf(rows);
        ids = List.copyOf(ids);
        truths = List.copyOf(truths);
    }

    int size() {
        return truths.size();
    }

    /** The order that the samplers of a run visit candidates in (prior.md 4.5, "Sampling"). */
    VisitOrder order(long seed) {
        return (stage, image, candidates) -> Seeds.stream(
                        seed, stage == VisitOrder.Stage.RPN ? "rpn" : "head", step, ids.get(image))
                .permutation(candidates);
    }
}
