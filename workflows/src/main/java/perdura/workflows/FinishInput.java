package perdura.workflows;

/**
 * How a run ends.
 *
 * @param status FINISHED, FAILED or KILLED
 * @param errorCode {@code ErrorCode} name, empty unless FAILED
 * @param message what happened, empty unless FAILED
 */
public record FinishInput(String runId, String status, String errorCode, String message) {}
