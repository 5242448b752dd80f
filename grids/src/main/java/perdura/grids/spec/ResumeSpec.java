package perdura.grids.spec;

/**
 * What happens when an attempt begins in another environment (engine version, thread count, kind of processor) than the
 * run did.
 */
public record ResumeSpec(Environment environment) {
    /** Decline the attempt, or record the step from which bit equality is no longer promised. */
    public enum Environment {
        REFUSE,
        RECORD
    }
}
