/**
 * Trials and runs beside each other: points and their seeds, means and their uncertainty, ranks, what differs, what explains the
 * results. Called by the commands {@code compare}, {@code leaderboard} and {@code report}.
 */
@NullMarked
package perdura.experiments.compare;

import org.jspecify.annotations.NullMarked;
