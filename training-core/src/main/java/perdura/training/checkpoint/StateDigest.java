package perdura.training.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.Position;

/**
 * One number for a whole state: SHA-256 over the position and, in the order of the sections, the name of each and the names, types, shapes
 * and bytes of its tensors. Two runs agree to the bit if and only if their digests do.
 */
public final class StateDigest {
    private static final int FORMAT = 2;

    private StateDigest() {}

    /** Computes the digest of a state in memory; 64 hexadecimal digits. */
    public static String of(Position position, TrainState state) {
        Map<String, FileDigest> digests = new LinkedHashMap<>();
        state.sections().forEach((name, tensors) -> digests.put(name, SafetensorsWriter.digest(tensors)));
        return of(position, digests);
    }

    /**
     * The digest of a state whose sections lie in safetensors files, whose bytes are a function of the tensors alone.
     *
     * @param sections in their order
     */
    static String of(Position position, Map<String, FileDigest> sections) {
        List<List<String>> digests = new ArrayList<>();
        sections.forEach((name, digest) -> digests.add(List.of(name, digest.sha256())));
        return CanonicalJson.sha256(Map.of(
                "format",
                FORMAT,
                "position",
                List.of(position.stage(), position.epoch(), position.step()),
                "sections",
                digests));
    }
}
