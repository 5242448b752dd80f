/** What the references of specs and trials stand for: data sets, weights, checkpoints of runs. Called by {@code plan} and by the activities. */
@NullMarked
package perdura.experiments.reference;

import org.jspecify.annotations.NullMarked;
