/** SENSE's pictures (sense.md 5). Called by SENSE's entry, through the seam {@code Figure}. */
@NullMarked
package perdura.training.methods.sense.figure;

import org.jspecify.annotations.NullMarked;
