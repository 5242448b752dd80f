package perdura.workflows;

/**
 * How an ingest ended.
 *
 * @param digest of the data set; empty if only a share of the parts was made
 * @param faults found
 */
public record IngestResult(String ingestId, String digest, long faults) {}
