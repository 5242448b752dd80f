package perdura.workflows;

import org.jspecify.annotations.Nullable;

/**
 * A trial given out.
 *
 * @param trialKey 64 hexadecimal digits
 * @param untilEpoch epochs after which it is held; null: it runs to its end
 */
public record TrialAssignment(String trialKey, @Nullable Integer untilEpoch) {}
