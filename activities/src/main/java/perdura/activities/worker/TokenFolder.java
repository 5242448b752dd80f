package perdura.activities.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;

/**
 * The activities that run on this host, a small file each, so that whoever outlives a process can tell the service which
 * attempts died with it. The files outlive processes, not the machine: they are not synced.
 */
final class TokenFolder {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFolder.class);
    private static final String SUFFIX = ".json";
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    private final Path folder;
    private final DurableEffects effects;

    TokenFolder(Path workDir, DurableEffects effects) {
        this.folder = workDir.resolve("tokens");
        this.effects = effects;
        try {
            PrivateFiles.createDirectories(folder);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    void add(RunningActivity activity) {
        Path file = file(activity.taskToken());
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            effects.before();
            Files.write(beside, JSON.writeValueAsBytes(activity));
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            effects.after();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    void remove(String taskToken) {
        try {
            effects.before();
            Files.deleteIfExists(file(taskToken));
            effects.after();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** All of them, by name. A file that another process removes meanwhile is left out. */
    List<RunningActivity> list() {
        List<RunningActivity> activities = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList()) {
                read(file, activities);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
        return activities;
    }

    private static void read(Path file, List<RunningActivity> activities) throws IOException {
        try {
            activities.add(JSON.readValue(Files.readAllBytes(file), RunningActivity.class));
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone", file);
        } catch (JsonProcessingException e) {
            LOG.warn("{} is no token of ours and is left alone", file);
        }
    }

    private Path file(String taskToken) {
        UUID name = UUID.nameUUIDFromBytes(taskToken.getBytes(StandardCharsets.UTF_8));
        return folder.resolve(name + SUFFIX);
    }

    private PerduraException unwritable(IOException e) {
        return new PerduraException(
                ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                folder + ": can't be read or written (" + e + "); free space or make the worker's folder writable",
                e);
    }

    /**
     * An activity that a process has taken and not answered yet.
     *
     * @param taskToken Temporal's name of this attempt, base 64
     * @param workflowId its workflow
     * @param process who has taken it
     * @param worker host, slot and process, as the store names the attempt
     */
    record RunningActivity(
            String taskToken, String workflowId, String activityType, ProcessIdentity process, String worker) {
        private static final String PRETRAIN = "pretrain-";

        /** The run that its workflow is for; empty for a workflow of another kind. */
        Optional<RunId> runId() {
            return workflowId.startsWith(PRETRAIN)
                    ? Optional.of(new RunId(workflowId.substring(PRETRAIN.length())))
                    : Optional.empty();
        }
    }
}
