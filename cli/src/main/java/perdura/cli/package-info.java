/** The perdura command: Main builds every object with new, one class per command. */
@NullMarked
package perdura.cli;

import org.jspecify.annotations.NullMarked;
