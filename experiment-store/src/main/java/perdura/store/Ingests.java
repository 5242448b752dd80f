package perdura.store;

import java.util.List;
import java.util.Optional;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;

/** Tables ingest and ingest_part. */
public record Ingests(Database database) {
    private static final String BEGIN = """
            INSERT INTO ingest (ingest_id, name, spec) VALUES (?, ?, ?::json)
            ON CONFLICT (ingest_id) DO UPDATE
            SET name = excluded.name, spec = excluded.spec, status = 'RUNNING', parts = NULL, samples = NULL,
                images = NULL, faults = 0, digest = NULL, error_code = NULL, error_message = NULL,
                started_at = now(), ended_at = NULL
            """;
    private static final String FORGET_PARTS = "DELETE FROM ingest_part WHERE ingest_id = ?";

    /** Begins an ingest, or begins it anew. */
    public void begin(String ingestId, String name, String spec) {
        database.write(handle -> {
            handle.execute(FORGET_PARTS, ingestId);
            return handle.execute(BEGIN, ingestId, name, spec);
        });
    }

    private static final String RECORD_PLAN =
            "UPDATE ingest SET parts = ?, samples = ?, images = ?, faults = ? WHERE ingest_id = ?";

    public void recordPlan(String ingestId, int parts, long samples, long images, long faults) {
        database.write(handle -> {
            handle.execute(FORGET_PARTS, ingestId);
            return handle.execute(RECORD_PLAN, parts, samples, images, faults, ingestId);
        });
    }

    private static final String RECORD_PART = """
            INSERT INTO ingest_part (ingest_id, part, samples, images, faults) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (ingest_id, part) DO UPDATE
            SET samples = excluded.samples, images = excluded.images, faults = excluded.faults
            """;

    /** Records that a part is done; recording it again changes nothing. */
    public void recordPart(String ingestId, int part, int samples, int images, long faults) {
        database.write(handle -> handle.execute(RECORD_PART, ingestId, part, samples, images, faults));
    }

    private static final String FINISH = """
            UPDATE ingest
            SET status = 'FINISHED', digest = ?, faults = ?, error_code = NULL, error_message = NULL, ended_at = now()
            WHERE ingest_id = ?
            """;

    /** Records the data set under its name, and the end. */
    public void finish(String ingestId, String name, DataSets.NewDataSet data, long faults) {
        database.write(handle -> {
            DataSets.insert(handle, data);
            DataSets.name(handle, name, data.digest());
            return handle.execute(FINISH, data.digest(), faults, ingestId);
        });
    }

    private static final String FAIL = """
            UPDATE ingest SET status = 'FAILED', error_code = ?, error_message = ?, ended_at = now()
            WHERE ingest_id = ? AND status = 'RUNNING'
            """;

    /** Records why it has failed, unless it has ended. */
    public void fail(String ingestId, String errorCode, String errorMessage) {
        database.write(handle -> handle.execute(FAIL, errorCode, PlainText.message(errorMessage), ingestId));
    }

    private static final String COLUMNS = """
            SELECT i.*, p.parts_done, p.images_done,
                   i.faults + CASE i.status WHEN 'RUNNING' THEN p.faults_found ELSE 0 END AS faults_so_far
            FROM ingest i
            CROSS JOIN LATERAL (
                SELECT count(*) AS parts_done, coalesce(sum(images), 0) AS images_done,
                       coalesce(sum(faults), 0) AS faults_found
                FROM ingest_part WHERE ingest_id = i.ingest_id
            ) p
            """;
    private static final String SELECT = COLUMNS + "WHERE i.ingest_id = ?";
    private static final String FIND = COLUMNS
            + "WHERE i.ingest_id = ? OR i.name = ? ORDER BY i.ingest_id = ? DESC, i.status = 'RUNNING' DESC, i.started_at DESC";

    /** @throws PerduraException NOT_FOUND */
    public StoredIngest loadIngest(String ingestId) {
        return database.find(StoredIngest.class, SELECT, ingestId).orElseThrow(() -> missing(ingestId));
    }

    private static PerduraException missing(String ingest) {
        return new PerduraException(ErrorCode.NOT_FOUND, "ingest " + ingest + " is not in the store");
    }

    /** The ingest of an id, or the one that runs, else the newest, of the name that its data set has or will have. */
    public Optional<StoredIngest> find(String idOrName) {
        return database.find(StoredIngest.class, FIND, idOrName, idOrName, idOrName);
    }

    /**
     * As {@link #find}.
     *
     * @throws PerduraException NOT_FOUND
     */
    public StoredIngest load(String idOrName) {
        return find(idOrName).orElseThrow(() -> missing(idOrName));
    }

    private static final String LIST_NAMES = "SELECT DISTINCT name FROM ingest ORDER BY name";

    /** What the data sets of all ingests are or will be called. */
    public List<String> listNames() {
        return database.list(String.class, LIST_NAMES);
    }
}
