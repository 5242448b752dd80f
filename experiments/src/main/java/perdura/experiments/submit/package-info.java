/** Submitting: what a spec is checked for before it starts, the row that the store gets, the workflow that is started or told something. Called by the commands and by the activities. */
@NullMarked
package perdura.experiments.submit;

import org.jspecify.annotations.NullMarked;
