/**
 * Temporal workflows, the interfaces of their activities, and the payload records of both. Deterministic: no clock, no
 * random, no thread, no IO. The worker of {@code activities} registers them, {@code cli} starts and signals them.
 */
@NullMarked
package perdura.workflows;

import org.jspecify.annotations.NullMarked;
