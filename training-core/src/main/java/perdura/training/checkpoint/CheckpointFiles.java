package perdura.training.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.Position;
import perdura.grids.spec.ReadLimit;

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

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");

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
            Objects.requireNonNull(stateDigest, "stateDigest");
            Objects.requireNonNull(specHash, "specHash");
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
            files.forEach((name, digest) -> {
                Objects.requireNonNull(digest, name);
                if (!NAME.matcher(name).matches()) {
                    throw new IllegalArgumentException(PlainText.shown(name) + " is no name of a file");
                }
            });
        }
    }

    static byte[] json(Record content) {
        Map<String, Object> json = JSON.convertValue(content, new TypeReference<TreeMap<String, Object>>() {});
        return (CanonicalJson.write(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @throws PerduraException CHECKPOINT_DAMAGED if the file is not JSON of this format */
    static <T> T read(Path file, Class<T> type) throws IOException {
        return parse(file, bytes(file), type);
    }

    /** @throws PerduraException CHECKPOINT_DAMAGED if it is larger than any of ours */
    static byte[] bytes(Path file) throws IOException {
        try {
            return RegularFile.read(file, ReadLimit.STORE_FILE_BYTES);
        } catch (RegularFile.TooLargeException e) {
            throw damaged(file, RegularFile.reason(e));
        }
    }

    /**
     * @param file for messages
     * @throws PerduraException CHECKPOINT_DAMAGED if the text is not JSON of this format
     */
    static <T> T parse(Path file, byte[] text, Class<T> type) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation(); // not known of what is nested too deeply
            throw damaged(
                    file,
                    (at == null ? "" : "byte " + at.getByteOffset() + ": ") + "is not JSON, or nested too deeply");
        }
        if (root.path("format").asInt(-1) != FORMAT) {
            throw damaged(
                    file,
                    "format is " + PlainText.shown(root.path("format").toString()) + ", this version of Perdura reads "
                            + FORMAT);
        }
        try {
            return JSON.treeToValue(root, type);
        } catch (JsonProcessingException e) {
            throw damaged(file, PlainText.line("is not what format " + FORMAT + " says: " + e.getOriginalMessage()));
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
