/**
 * Synthetic data sets whose images and reports agree, in the layouts of the real ones. Called by {@code perdura data synth},
 * by the quickstart and by tests.
 */
@NullMarked
package perdura.datasets.synth;

import org.jspecify.annotations.NullMarked;
