/**
 * The pictures of a trained PRIOR (prior.md 5), drawn without a screen. A picture is a function of the checkpoint, the data set and a
 * seed. Called by the command line.
 */
@NullMarked
package perdura.training.figure;

import org.jspecify.annotations.NullMarked;
