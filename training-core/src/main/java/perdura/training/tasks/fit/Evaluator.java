package perdura.training.tasks.fit;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * Measures a net on one part of a split, batch by batch: it keeps numbers of an image, not its answers.
 *
 * @param <B> batches
 * @param <E> what comes out
 */
public interface Evaluator<B, E extends Evaluator.Evaluation> {
    /**
     * Has the net answer a batch, and counts it in. Batches come in the order of the part's rows, each once.
     *
     * @return a number among the answers that isn't finite, if there is one
     */
    OptionalDouble add(B batch);

    /** What all batches came to. */
    E result();

    /** What a net's answers on a part are worth. */
    interface Evaluation {
        /** By which a plateau is told; NaN where none is measured. */
        double loss();

        /**
         * All finite numbers, in a fixed order; what is undefined is left out.
         *
         * @param prefix of the keys, without the slash
         */
        Map<String, Double> metrics(String prefix);
    }
}
