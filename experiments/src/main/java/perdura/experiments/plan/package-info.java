/** Sweeps before they start: identities of trials, what is done, what is missing, what it costs, which pre-trainings come first. Called by the commands about sweeps. */
@NullMarked
package perdura.experiments.plan;

import org.jspecify.annotations.NullMarked;
