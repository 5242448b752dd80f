package perdura.training.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;

/**
 * Names in a run's folder of checkpoints, and what its JSON files say. A folder that is being written or removed has a
 * name with a dot in front, so that a name without one always means a complete checkpoint.
 */
final class CheckpointFiles {
    static final int FORMAT = 2;
    static final String STATE = "state.json";
    static final String MANIFEST = "MANIFEST.json";

    static final String WRITING = ".writing-";
    static final String REMOVING = ".removing-";

    private static final ObjectMapper JSON =
            new ObjectMapper().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

    private CheckpointFiles() {}

    /**
     * What {@code state.json} says.
     *
     * @param sections in their order
     * @param parentStep of the commit before; left out if there is none
     */
    record State(
            int format,
            int stage,
            int epoch,
            long step,
            List<String> sections,
            String stateDigest,
            String specHash,
            @Nullable Long parentStep) {
        State {
            sections = List.copyOf(sections);
        }

        Position position() {
            return new Position(stage, epoch, step);
        }
    }

    /** What {@code MANIFEST.json} says, about all other files. */
    record Manifest(
            int format,
            Map<String, FileDigest> files,
            String specHash,
            @Nullable Long parentStep) {
        Manifest {
            files = Collections.unmodifiableMap(new TreeMap<>(files));
        }
    }

    static byte[] json(Record content) {
        Map<String, Object> json = JSON.convertValue(content, new TypeReference<TreeMap<String, Object>>() {});
        return (CanonicalJson.write(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @throws PerduraException CHECKPOINT_DAMAGED if the file is not JSON of this format */
    static <T> T read(Path file, Class<T> type) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw damaged(file, "byte " + e.getLocation().getByteOffset() + ": is not JSON");
        }
        if (root.path("format").asInt(-1) != FORMAT) {
            throw damaged(file, "format is " + root.path("format") + ", this version of Perdura reads " + FORMAT);
        }
        try {
            return JSON.treeToValue(root, type);
        } catch (JsonProcessingException e) {
            throw damaged(file, "is not what format " + FORMAT + " says: " + e.getOriginalMessage());
        }
    }

    static PerduraException damaged(Path file, String fault) {
        return new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, file + ": " + fault);
    }

    /** The file of a section of the state. */
    static String section(String name) {
        return name + ".safetensors";
    }

    static String name(Position position, String stateDigest) {
        return position.stage() + "-" + position.epoch() + "-" + position.step() + "-" + stateDigest.substring(0, 8);
    }
}
