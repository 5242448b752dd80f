package perdura.training.checkpoint;

import java.nio.file.Path;
import perdura.grids.spec.Position;

/**
 * A checkpoint that lies complete on disk.
 *
 * @param folder its folder, absolute
 * @param stateDigest {@link StateDigest} of what it holds
 * @param manifestDigest SHA-256 of its MANIFEST.json, hexadecimal: whoever keeps it can check every other byte
 * @param sizeBytes all files together
 */
public record Checkpoint(Path folder, Position position, String stateDigest, String manifestDigest, long sizeBytes) {}
