/** SENSE's part of a pre-training's spec, and its defaults. Called by SENSE's own packages, and by the registry of methods. */
@NullMarked
package perdura.training.methods.sense.spec;

import org.jspecify.annotations.NullMarked;
