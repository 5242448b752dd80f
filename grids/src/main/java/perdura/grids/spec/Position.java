package perdura.grids.spec;

/**
 * How far a run has come: everything before this place is done. PyTorch programs call {@code step} global_step.
 *
 * @param stage the stage that the next step belongs to, from 1
 * @param epoch the epoch inside that stage that the next step belongs to, from 0
 * @param step optimiser steps done since the run began, over all stages, from 0
 */
public record Position(int stage, int epoch, long step) {
    /** Where every run begins. */
    public static final Position START = new Position(1, 0, 0);

    public Position {
        if (stage < 1 || epoch < 0 || step < 0) {
            throw new IllegalArgumentException(
                    "position needs stage >= 1, epoch >= 0, step >= 0, was " + stage + "/" + epoch + "/" + step);
        }
    }
}
