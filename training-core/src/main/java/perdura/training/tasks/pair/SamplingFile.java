package perdura.training.tasks.pair;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.file.PrivateFiles;
import perdura.datasets.split.Split;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.DurableFiles;
import perdura.training.tasks.TaskContext;

/**
 * The ids of a sampling in the artifact store, {@code samplings/<digest of the split>.json}: never a text, never a pixel. The same
 * sampling is the same file, however often it is drawn.
 */
final class SamplingFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SamplingFile() {}

    /** Leaves the ids of a sampling for people, as {@code sampling/NAME.json}. */
    static void show(TaskContext place, String name, Split sampling, DataSet data) {
        Path file = write(place.artifactRoot(), sampling, data, place.effects());
        place.files().add("sampling/" + name + ".json", file);
    }

    /**
     * Writes the ids, unless they are there.
     *
     * @param sampling of the data set
     * @return the file
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    private static Path write(Path artifactRoot, Split sampling, DataSet data, DurableEffects effects) {
        Path folder = artifactRoot.toAbsolutePath().resolve("samplings");
        Path file = folder.resolve(sampling.digest() + ".json");
        if (Files.exists(file)) {
            return file;
        }
        Map<String, List<String>> ids = new LinkedHashMap<>();
        sampling.parts()
                .forEach((part, it) -> ids.put(
                        part, it.rows().stream().mapToObj(data::sampleId).toList()));
        Map<String, Object> content = new LinkedHashMap<>(sampling.summary());
        content.put("ids", ids);
        Path writing = folder.resolve(
                sampling.digest() + ".writing-" + ProcessHandle.current().pid());
        try {
            PrivateFiles.createDirectories(folder);
            Files.deleteIfExists(writing);
            DurableFiles.write(writing, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content), effects);
            DurableFiles.rename(writing, file, effects);
            DurableFiles.syncFolder(folder, effects);
            return file;
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    file + ": the ids of a sampling can't be written (" + e
                            + "); free space or make the folder writable",
                    e);
        }
    }
}
