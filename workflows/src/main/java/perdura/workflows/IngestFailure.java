package perdura.workflows;

/**
 * How an ingest fails.
 *
 * @param errorCode {@code ErrorCode} name
 * @param message what happened
 */
public record IngestFailure(String ingestId, String errorCode, String message) {}
