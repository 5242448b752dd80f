/** The train loop: steps, commits, stop requests, the state digest. Called by the gpu activities. */
@NullMarked
package perdura.training.loop;

import org.jspecify.annotations.NullMarked;
