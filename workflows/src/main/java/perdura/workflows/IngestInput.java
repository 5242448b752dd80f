package perdura.workflows;

/**
 * What an ingest workflow starts from. Its settings stay in the store.
 *
 * @param ingestId the ingest, which is in the store already
 * @param share which share of the parts to make, from 1
 * @param shares into how many shares the parts are dealt; with more than 1 nothing is joined yet
 */
public record IngestInput(String ingestId, int share, int shares) {}
