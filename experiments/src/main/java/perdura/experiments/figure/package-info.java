/** The pictures of a run: which checkpoints they are drawn from, and where they go. Called by the command {@code figures}. */
@NullMarked
package perdura.experiments.figure;

import org.jspecify.annotations.NullMarked;
