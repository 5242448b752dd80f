package perdura.workflows;

/**
 * What there is to do.
 *
 * @param parts into which the data set is divided, at least 1
 */
public record PlannedIngest(int parts) {}
