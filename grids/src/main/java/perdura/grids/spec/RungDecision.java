package perdura.grids.spec;

/** What becomes of a trial that waits at a rung. */
public record RungDecision(String trialKey, int rung, Kind kind) {
    /** Whether it goes on. */
    public enum Kind {
        /** It goes on to the next rung, or to its end. */
        PROMOTE,
        /** It has had its last epoch. */
        STOP
    }
}
