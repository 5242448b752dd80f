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
    private static final String PROCESS = ".process";
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
        write(file(activity.taskToken()), activity);
    }

    /** Before the process takes its first activity. */
    void addProcess(ServingProcess process) {
        write(file(process), process);
    }

    private void write(Path file, Object content) {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            effects.before();
            Files.write(beside, JSON.writeValueAsBytes(content));
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            effects.after();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    void remove(String taskToken) {
        delete(file(taskToken));
    }

    void removeProcess(ServingProcess process) {
        delete(file(process));
    }

    private void delete(Path file) {
        try {
            effects.before();
            Files.deleteIfExists(file);
            effects.after();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** All of them, by name. A file that another process removes meanwhile is left out. */
    List<RunningActivity> list() {
        return list(SUFFIX, RunningActivity.class);
    }

    /** Processes that take activities, or took some before they ended. */
    List<ServingProcess> listProcesses() {
        return list(PROCESS, ServingProcess.class);
    }

    private <T> List<T> list(String suffix, Class<T> type) {
        List<T> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(suffix))
                    .sorted()
                    .toList()) {
                read(file, type, found);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
        return found;
    }

    private static <T> void read(Path file, Class<T> type, List<T> found) throws IOException {
        try {
            found.add(JSON.readValue(Files.readAllBytes(file), type));
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone", file);
        } catch (JsonProcessingException e) {
            LOG.warn("{} is no token of ours and is left alone", file);
        }
    }

    private Path file(String taskToken) {
        return folder.resolve(name(taskToken) + SUFFIX);
    }

    private Path file(ServingProcess process) {
        return folder.resolve(name(process.identity()) + PROCESS);
    }

    private static UUID name(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private PerduraException unwritable(IOException e) {
        return new PerduraException(
                ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                folder + ": can't be read or written (" + e + "); free space or make the worker's folder writable",
                e);
    }

    /**
     * A process that takes activities.
     *
     * @param identity by which the service knows it, which no other process ever has
     */
    record ServingProcess(String identity, ProcessIdentity process) {}

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
