package perdura.workflows;

/**
 * How a sweep has ended.
 *
 * @param status FINISHED, STOPPED, CANCELLED or FAILED; RUNNING: not at all, it has more to run
 */
public record EndedSweep(String status) {}
