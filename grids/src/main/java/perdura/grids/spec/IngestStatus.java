package perdura.grids.spec;

/** Where an ingest stands. */
public enum IngestStatus {
    RUNNING,
    FINISHED,
    FAILED
}
