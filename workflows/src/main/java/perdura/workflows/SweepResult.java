package perdura.workflows;

/**
 * How a sweep ended.
 *
 * @param status FINISHED, STOPPED or CANCELLED
 */
public record SweepResult(String sweepId, String status, SweepTally tally) {}
