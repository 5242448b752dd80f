/**
 * What can be told a thing that the store knows, by its kind and its state, and what is refused. Called by the commands.
 */
@NullMarked
package perdura.experiments.steer;

import org.jspecify.annotations.NullMarked;
