package perdura.workflows;

/**
 * A shard asks for trials.
 *
 * @param execution the execution of the sweep's workflow
 * @param requester names this question; an attempt that repeats it gets the same answer
 * @param atMost trials, at least 1
 */
public record AssignInput(String sweepId, String execution, String requester, int atMost) {}
