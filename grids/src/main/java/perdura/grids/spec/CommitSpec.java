package perdura.grids.spec;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a run commits, and how many checkpoints it keeps. Neither changes the run's bits.
 *
 * @param every time between two commits
 * @param everySteps steps between two commits, or null for none by steps; the first of both rules that is due decides
 * @param keep newest checkpoints to keep, at least 2, beside those at stage ends
 */
public record CommitSpec(Duration every, @Nullable Long everySteps, int keep) {}
