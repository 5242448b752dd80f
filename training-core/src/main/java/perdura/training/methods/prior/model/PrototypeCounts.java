package perdura.training.methods.prior.model;

import java.util.Arrays;

/** How many sentences take each prototype (prior.md 2.7): in a batch, or added up over an epoch. */
public final class PrototypeCounts {
    private final long[] counts;

    /** No sentences yet. */
    public PrototypeCounts(int prototypes) {
        this(new long[prototypes]);
    }

    private PrototypeCounts(long[] counts) {
        this.counts = counts;
    }

    /** @param counts one for each prototype, whole numbers */
    static PrototypeCounts of(double[] counts) {
        return new PrototypeCounts(
                Arrays.stream(counts).mapToLong(count -> (long) count).toArray());
    }

    /** Adds the counts of a step, which has as many prototypes. */
    public void add(PrototypeCounts step) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += step.counts[i];
        }
    }

    public void clear() {
        Arrays.fill(counts, 0);
    }

    /** Prototypes that some sentence takes. */
    public long used() {
        return Arrays.stream(counts).filter(count -> count > 0).count();
    }

    /** Entropy of the shares, in nats; agrees with {@code scipy.stats.entropy}. 0 where there are no sentences. */
    public double entropy() {
        double all = Arrays.stream(counts).sum();
        double entropy = 0;
        for (long count : counts) {
            if (count > 0) {
                entropy -= count / all * StrictMath.log(count / all);
            }
        }
        return entropy;
    }

    /** Prototypes that would be used, were they used alike: from 1 to their number. */
    public double perplexity() {
        return StrictMath.exp(entropy());
    }

    /** A copy: [prototypes]. */
    public long[] toArray() {
        return counts.clone();
    }

    /** Replaces all counts. */
    public void set(long[] others) {
        System.arraycopy(others, 0, counts, 0, counts.length);
    }
}
