/** What people read: suggestions, durations, tables, bars. Called by the commands. */
@NullMarked
package perdura.cli.words;

import org.jspecify.annotations.NullMarked;
