/** Training and the shards of an epoch's preparation: one activity at a time on one device. Registered by the process of a slot. */
@NullMarked
package perdura.activities.gpu;

import org.jspecify.annotations.NullMarked;
