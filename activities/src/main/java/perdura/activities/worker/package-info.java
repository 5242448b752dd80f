/** The worker: a supervisor process, and one child process per device slot. Started by {@code perdura worker}. */
@NullMarked
package perdura.activities.worker;

import org.jspecify.annotations.NullMarked;
