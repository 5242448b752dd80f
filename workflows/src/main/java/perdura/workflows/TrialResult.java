package perdura.workflows;

/**
 * How a trial activity ended. The store knows it already.
 *
 * @param outcome FINISHED, HELD (at the epoch that it was asked to reach) or RELEASED (cancelled; to be given out again)
 */
public record TrialResult(String trialKey, String outcome) {}
