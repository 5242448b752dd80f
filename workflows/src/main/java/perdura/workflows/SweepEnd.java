package perdura.workflows;

/**
 * How a sweep ends, as far as its workflow knows.
 *
 * @param status FINISHED, STOPPED, CANCELLED or FAILED. FINISHED: the store gives nothing out any more, and knows why
 * @param reason what made it FAILED; empty for none
 */
public record SweepEnd(String sweepId, String status, String reason) {}
