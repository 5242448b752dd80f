/**
 * What methods of pre-training have in common. Called by the methods and by the tasks.
 */
@NullMarked
package perdura.training.method;

import org.jspecify.annotations.NullMarked;
