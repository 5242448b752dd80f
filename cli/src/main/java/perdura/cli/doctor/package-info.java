/** What {@code perdura doctor} looks at. */
@NullMarked
package perdura.cli.doctor;

import org.jspecify.annotations.NullMarked;
