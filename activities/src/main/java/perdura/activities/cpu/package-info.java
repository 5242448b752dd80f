/** Work of the processor: the data check of a run. Registered by the worker's supervisor. */
@NullMarked
package perdura.activities.cpu;

import org.jspecify.annotations.NullMarked;
