package perdura.store;

import java.net.URI;
import perdura.grids.spec.RunId;

/** Files of a run that MLflow shows. */
public final class Artifacts {
    public Artifacts(Database database) {}

    /**
     * Records a file and queues its upload. The same path again replaces it.
     *
     * @param path where MLflow shows it, for instance {@code crash/hs_err_17.log}
     * @param file {@code file:} URI, which stays until the upload
     */
    public void addArtifact(RunId runId, String path, URI file) {
        throw Todo.stub();
    }
}
