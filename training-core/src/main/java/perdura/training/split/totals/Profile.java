package perdura.training.split.totals;

/** Whose filters and splits a data set is ingested with. */
public enum Profile {
    PRIOR,
    SENSE
}
