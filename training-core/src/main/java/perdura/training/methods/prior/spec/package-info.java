/** PRIOR's part of a pre-training's spec, and its defaults. Called by PRIOR's own packages, and by the registry of methods. */
@NullMarked
package perdura.training.methods.prior.spec;

import org.jspecify.annotations.NullMarked;
