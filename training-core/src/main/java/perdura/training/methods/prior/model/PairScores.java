package perdura.training.methods.prior.model;

/** How well each of N images fits each of C texts (prior.md 4.3). The arrays are its own: don't change them. */
public final class PairScores {
    private final double[][] cosines;
    private final double[][] local;

    PairScores(double[][] cosines, double[][] local) {
        this.cosines = cosines;
        this.local = local;
    }

    /** Images N. */
    public int size() {
        return cosines.length;
    }

    /** The cosines of an image's v_g and every t_g [C]. */
    public double[] cosines(int image) {
        return cosines[image];
    }

    /** Half of (mean of A_s) + (mean of A_v) of an image and every text, each over all patches and the text's own sentences [C]. */
    public double[] local(int image) {
        return local[image];
    }
}
