package perdura.grids.spec;

import org.jspecify.annotations.Nullable;

/**
 * What a trial had reached at a rung, on validation data.
 *
 * @param rung from 0
 * @param best of the epochs so far; null if it is no number
 * @param mean over the epochs so far; null if it is no number
 * @param sequence results of a sweep in the order in which they were recorded
 */
public record RungResult(
        String trialKey,
        int rung,
        @Nullable Double best,
        @Nullable Double mean,
        long sequence) {}
