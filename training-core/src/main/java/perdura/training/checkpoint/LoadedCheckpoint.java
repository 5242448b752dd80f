package perdura.training.checkpoint;

import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Position;

/**
 * What a checkpoint holds, every byte checked.
 *
 * @param specHash hash of the spec whose run wrote it
 * @param parentStep step of the commit that its attempt began at or made last; null for none
 */
public record LoadedCheckpoint(
        Position position,
        String stateDigest,
        String specHash,
        @Nullable Long parentStep,
        TrainState state) {}
