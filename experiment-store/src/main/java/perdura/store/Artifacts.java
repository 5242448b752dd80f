package perdura.store;

import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import perdura.grids.spec.RunId;

/** Files of a run that MLflow shows. */
public record Artifacts(Database database) {
    private static final Pattern PATH = Pattern.compile("[\\w.+= -]+(/[\\w.+= -]+)*");

    private static final String HOLD_RUN = "SELECT 1 FROM run WHERE run_id = ? FOR NO KEY UPDATE";
    private static final String UPSERT_ARTIFACT = """
            INSERT INTO artifact (run_id, path, uri) VALUES (?, ?, ?)
            ON CONFLICT (run_id, path) DO UPDATE SET uri = excluded.uri, added_at = now()
            """;

    /**
     * Records a file and queues its upload. The same path again replaces it.
     *
     * @param path where MLflow shows it, for instance {@code crash/hs_err_17.log}; relative, without {@code ..} and the
     *     letters that MLflow declines in a path
     * @param file {@code file:} URI, which stays until the upload
     */
    public void addArtifact(RunId runId, String path, URI file) {
        if (!PATH.matcher(path).matches() || List.of(path.split("/", -1)).contains("..")) {
            throw new IllegalArgumentException(
                    "an artifact's path must be like crash/log.txt, of letters, digits, spaces and ._-+=/, was "
                            + path);
        }
        if (!"file".equals(file.getScheme())) {
            throw new IllegalArgumentException("an artifact is a file: URI, was " + file);
        }
        database.change(handle -> {
            if (handle.select(HOLD_RUN, runId).mapTo(Integer.class).findOne().isEmpty()) {
                throw RunRows.notFound(runId);
            }
            handle.execute(UPSERT_ARTIFACT, runId, path, file.toString());
            OutboxRows.addArtifact(handle, runId, path);
        });
    }
}
