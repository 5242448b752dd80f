package perdura.grids.spec;

/**
 * One point of a sweep with one seed, defaults resolved.
 *
 * @param parameters every parameter of the task
 */
public record TrialSpec(String task, int taskVersion, Parameters parameters, long seed) {}
