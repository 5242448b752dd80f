/** Boxes around findings: Faster R-CNN with a feature pyramid (prior.md 4.5). Called by {@code tasks} through the service loader. */
@NullMarked
package perdura.training.tasks.detect;

import org.jspecify.annotations.NullMarked;
