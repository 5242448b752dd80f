/** Turns YAML into specs, and reports every fault at once with its place. Only cli and activities call this package. */
@NullMarked
package perdura.grids.read;

import org.jspecify.annotations.NullMarked;
