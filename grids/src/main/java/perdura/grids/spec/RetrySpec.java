package perdura.grids.spec;

import java.time.Duration;

/**
 * How often a trial is tried when what failed can heal: a dead worker, a lost connection. What can't heal (a diverged loss,
 * too little memory) is not tried again.
 *
 * @param attempts in all, at least 1
 * @param backoff before the second attempt; doubled before each further one
 */
public record RetrySpec(int attempts, Duration backoff) {}
