package perdura.workflows;

/**
 * What signals have made of a sweep.
 *
 * @param status RUNNING, PAUSED, STOPPING or CANCELLING
 */
public record SweepMark(String sweepId, String status) {}
