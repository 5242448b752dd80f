/** Short work with the store: takes runs up, pauses and ends them. Registered by the worker's supervisor. */
@NullMarked
package perdura.activities.io;

import org.jspecify.annotations.NullMarked;
