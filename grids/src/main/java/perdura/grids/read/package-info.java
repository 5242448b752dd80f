/**
 * Turns YAML into specs, and reports every fault at once with its place. Called by the application layer, by commands and activities, and by the registries of methods and tasks.
 */
@NullMarked
package perdura.grids.read;

import org.jspecify.annotations.NullMarked;
