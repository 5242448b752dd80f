/**
 * A task is what a trial does: the interface, how tasks are found, and what tasks share. Called by the gpu activities and by whoever
 * checks a sweep.
 */
@NullMarked
package perdura.training.tasks;

import org.jspecify.annotations.NullMarked;
