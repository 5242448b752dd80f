package perdura.activities.gpu;

import java.nio.file.Path;

/**
 * The data that a run began with.
 *
 * @param digest identity of the data set
 * @param artifactRoot where the data check has left what it knows about the files
 */
public record KnownData(String digest, Path artifactRoot) {}
