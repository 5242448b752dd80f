package perdura.workflows;

import org.jspecify.annotations.Nullable;

/**
 * The work of one trial activity.
 *
 * @param sweepId the sweep that owns the trial
 * @param trialKey 64 hexadecimal digits
 * @param untilEpoch epochs after which the trial is HELD; null: it runs to its end
 */
public record TrialInput(
        String sweepId, String trialKey, @Nullable Integer untilEpoch) {}
