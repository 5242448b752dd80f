package perdura.workflows;

/**
 * How a trial fails.
 *
 * @param execution the execution of the sweep's workflow to which it was given
 * @param errorCode {@code ErrorCode} name
 * @param message what happened
 */
public record TrialEnd(String sweepId, String execution, String trialKey, String errorCode, String message) {}
