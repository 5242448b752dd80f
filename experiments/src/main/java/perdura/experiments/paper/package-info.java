/** The paper of a method, filled with what the store has. Called by the commands {@code report paper} and {@code sweep grids}. */
@NullMarked
package perdura.experiments.paper;

import org.jspecify.annotations.NullMarked;
