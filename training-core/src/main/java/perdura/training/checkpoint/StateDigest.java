package perdura.training.checkpoint;

import java.util.List;
import java.util.Map;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.Position;

/**
 * One number for a whole state: SHA-256 over names, types, shapes and bytes of weights, buffers and moments, and the
 * position. Two runs agree to the bit if and only if their digests do.
 */
public final class StateDigest {
    private static final int FORMAT = 1;

    private StateDigest() {}

    /** Computes the digest of a state in memory; 64 hexadecimal digits. */
    public static String of(Position position, TrainState state) {
        return of(position, SafetensorsWriter.digest(state.weights()), SafetensorsWriter.digest(state.optimizer()));
    }

    /** The digest of a state that lies in two safetensors files, whose bytes are a function of the tensors alone. */
    static String of(Position position, FileDigest weights, FileDigest optimizer) {
        return CanonicalJson.sha256(Map.of(
                "format", FORMAT,
                "position", List.of(position.stage(), position.epoch(), position.step()),
                "weights", weights.sha256(),
                "optimizer", optimizer.sha256()));
    }
}
