/** What the tasks on masks and boxes share: parameters, folds and checks. Called by {@code tasks.segment} and {@code tasks.detect}. */
@NullMarked
package perdura.training.tasks.dense;

import org.jspecify.annotations.NullMarked;
