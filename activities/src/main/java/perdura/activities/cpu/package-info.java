/** Work of the processor: the data check of a run, and the plan and the combination of an epoch's preparation. Registered by the worker's supervisor. */
@NullMarked
package perdura.activities.cpu;

import org.jspecify.annotations.NullMarked;
