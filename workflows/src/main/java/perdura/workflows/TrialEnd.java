package perdura.workflows;

/**
 * How a trial fails.
 *
 * @param errorCode {@code ErrorCode} name
 * @param message what happened
 */
public record TrialEnd(String sweepId, String trialKey, String errorCode, String message) {}
