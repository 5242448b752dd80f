package perdura.grids.spec;

/**
 * What a run runs on.
 *
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 * @param threads intra-op threads of the engine, at least 1; 0 means the number of cores of the machine of the first
 *     attempt, which is then recorded with the run
 */
public record ResourceSpec(String device, int threads) {}
