package perdura.workflows;

/**
 * What signals have made of a sweep.
 *
 * @param status RUNNING, PAUSED, STOPPING or CANCELLING
 * @param reason why it stops; empty if somebody asked for it
 */
public record SweepMark(String sweepId, String status, String reason) {}
