package perdura.workflows;

/**
 * Who takes a sweep up.
 *
 * @param execution the execution of the sweep's workflow; what others were given counts as lost
 */
public record SweepOpening(String sweepId, String execution) {}
