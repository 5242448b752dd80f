package perdura.training.tasks.detect;

/** In which order a sampler visits the candidates of an image of a batch. */
@FunctionalInterface
interface VisitOrder {
    /** Where boxes are drawn. */
    enum Stage {
        /** Of the anchors. */
        RPN,
        /** Of the proposals, then the truths. */
        HEAD
    }

    /**
     * A permutation of 0 to {@code candidates - 1}, or of more numbers.
     *
     * @param image number in the batch
     */
    int[] of(Stage stage, int image, int candidates);
}
