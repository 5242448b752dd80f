package perdura.activities.gpu;

import java.nio.file.Path;

/**
 * The data that a run began with.
 *
 * @param digest identity of the data set
 * @param artifactRoot the artifact store that has it
 */
record DatasetRef(String digest, Path artifactRoot) {}
