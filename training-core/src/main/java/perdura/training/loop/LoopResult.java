package perdura.training.loop;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a call of the loop ended. All its steps are committed.
 *
 * @param last the last commit
 * @param stoppedBy why it ended before its last step, or null if it did not
 * @param steps optimiser steps that this call ran
 * @param commits commits that this call made
 * @param stepping time inside steps
 * @param copying time in which steps waited for a copy of the state
 * @param waiting time in which steps, or the end of the call, waited for a commit
 */
public record LoopResult(
        CommittedState last,
        StopRequest.@Nullable Reason stoppedBy,
        long steps,
        int commits,
        Duration stepping,
        Duration copying,
        Duration waiting) {}
