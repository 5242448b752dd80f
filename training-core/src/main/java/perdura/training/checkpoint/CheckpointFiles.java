package perdura.training.checkpoint;

import perdura.grids.spec.Position;

/**
 * Names in a run's folder of checkpoints. A folder that is being written or removed has a
 * name with a dot in front, so that a name without one always means a complete checkpoint.
 */
final class CheckpointFiles {
    static final int FORMAT = 2;
    static final String STATE = "state.json";
    static final String MANIFEST = "MANIFEST.json";

    static final String WRITING = ".writing-";
    static final String REMOVING = ".removing-";

    private CheckpointFiles() {}

    /** The file of a section of the state. */
    static String section(String name) {
        return name + ".safetensors";
    }

    static String name(Position position, String stateDigest) {
        return position.stage() + "-" + position.epoch() + "-" + position.step() + "-" + stateDigest.substring(0, 8);
    }
}
