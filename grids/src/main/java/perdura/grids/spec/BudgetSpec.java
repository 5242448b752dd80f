package perdura.grids.spec;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a sweep may cost; it starts no further trial when one of these is spent.
 *
 * @param trials at most so many are run; null: no limit
 * @param gpuHours hours of devices, summed over all trials; null: no limit
 * @param wallTime from the submission on; null: no limit
 */
public record BudgetSpec(
        @Nullable Long trials,
        @Nullable Double gpuHours,
        @Nullable Duration wallTime) {}
