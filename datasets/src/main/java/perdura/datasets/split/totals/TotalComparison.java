package perdura.datasets.split.totals;

/** A published number beside what was counted. */
public record TotalComparison(PublishedTotal published, long counted) {
    /** True if both agree within the number's tolerance. */
    public boolean agrees() {
        return published.agrees(counted);
    }

    /** Counted less published. */
    public long difference() {
        return counted - published.number();
    }
}
