package perdura.datasets.synth;

/**
 * One image to be taken in a study.
 *
 * @param number from 0 within the study
 * @param width pixels
 * @param height pixels
 */
record Shot(int number, View view, int width, int height) {
    /** As the tables name it. */
    enum View {
        AP,
        PA,
        LATERAL
    }

    boolean isFrontal() {
        return view != View.LATERAL;
    }
}
