package perdura.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestStatus;
import perdura.grids.spec.PerduraException;

/** Tables ingest and ingest_part. */
public final class Ingests {
    private final Database database;

    public Ingests(Database database) {
        this.database = database;
    }

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
        database.write(connection -> {
            try (PreparedStatement parts = connection.prepareStatement(FORGET_PARTS);
                    PreparedStatement ingest = connection.prepareStatement(BEGIN)) {
                parts.setString(1, ingestId);
                parts.executeUpdate();
                ingest.setString(1, ingestId);
                ingest.setString(2, name);
                ingest.setString(3, spec);
                return ingest.executeUpdate();
            }
        });
    }

    private static final String RECORD_PLAN =
            "UPDATE ingest SET parts = ?, samples = ?, images = ?, faults = ? WHERE ingest_id = ?";

    public void recordPlan(String ingestId, int parts, long samples, long images, long faults) {
        database.write(connection -> {
            try (PreparedStatement forget = connection.prepareStatement(FORGET_PARTS);
                    PreparedStatement update = connection.prepareStatement(RECORD_PLAN)) {
                forget.setString(1, ingestId);
                forget.executeUpdate();
                update.setInt(1, parts);
                update.setLong(2, samples);
                update.setLong(3, images);
                update.setLong(4, faults);
                update.setString(5, ingestId);
                return update.executeUpdate();
            }
        });
    }

    private static final String RECORD_PART = """
            INSERT INTO ingest_part (ingest_id, part, samples, images, faults) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (ingest_id, part) DO UPDATE
            SET samples = excluded.samples, images = excluded.images, faults = excluded.faults
            """;

    /** Records that a part is done; recording it again changes nothing. */
    public void recordPart(String ingestId, int part, int samples, int images, long faults) {
        database.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(RECORD_PART)) {
                insert.setString(1, ingestId);
                insert.setInt(2, part);
                insert.setInt(3, samples);
                insert.setInt(4, images);
                insert.setLong(5, faults);
                return insert.executeUpdate();
            }
        });
    }

    private static final String FINISH = """
            UPDATE ingest SET status = 'FINISHED', digest = ?, faults = ?, ended_at = now()
            WHERE ingest_id = ?
            """;

    /** Records the data set under its name, and the end. */
    public void finish(String ingestId, String name, DataSets.NewDataSet data, long faults) {
        database.write(connection -> {
            DataSets.insert(connection, data);
            DataSets.name(connection, name, data.digest());
            try (PreparedStatement update = connection.prepareStatement(FINISH)) {
                update.setString(1, data.digest());
                update.setLong(2, faults);
                update.setString(3, ingestId);
                return update.executeUpdate();
            }
        });
    }

    private static final String FAIL = """
            UPDATE ingest SET status = 'FAILED', error_code = ?, error_message = ?, ended_at = now()
            WHERE ingest_id = ? AND status = 'RUNNING'
            """;

    public void fail(String ingestId, String errorCode, String errorMessage) {
        database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(FAIL)) {
                update.setString(1, errorCode);
                update.setString(2, errorMessage);
                update.setString(3, ingestId);
                return update.executeUpdate();
            }
        });
    }

    private static final String SELECT = """
            SELECT i.*, p.parts_done, p.images_done, p.faults_found
            FROM ingest i
            CROSS JOIN LATERAL (
                SELECT count(*) AS parts_done, coalesce(sum(images), 0) AS images_done,
                       coalesce(sum(faults), 0) AS faults_found
                FROM ingest_part WHERE ingest_id = i.ingest_id
            ) p
            WHERE i.ingest_id = ?
            """;

    /** @throws PerduraException NOT_FOUND */
    public StoredIngest loadIngest(String ingestId) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT)) {
                select.setString(1, ingestId);
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        throw new PerduraException(ErrorCode.NOT_FOUND, "ingest " + ingestId + " is not in the store");
                    }
                    return ingest(row);
                }
            }
        });
    }

    private static StoredIngest ingest(ResultSet row) throws SQLException {
        IngestStatus status = IngestStatus.valueOf(Columns.text(row, "status"));
        long faultsFound = status == IngestStatus.RUNNING ? row.getLong("faults_found") : 0;
        return new StoredIngest(
                new StoredIngest.Identity(
                        Columns.text(row, "ingest_id"),
                        Columns.text(row, "name"),
                        Columns.text(row, "spec"),
                        Columns.instant(row, "started_at")),
                status,
                row.getObject("parts") == null
                        ? null
                        : new StoredIngest.Plan(row.getInt("parts"), row.getLong("samples"), row.getLong("images")),
                new StoredIngest.Progress(
                        row.getInt("parts_done"), row.getLong("images_done"), row.getLong("faults") + faultsFound),
                new StoredIngest.Outcome(
                        row.getString("digest"),
                        row.getString("error_code"),
                        row.getString("error_message"),
                        Columns.instantOrNull(row, "ended_at")));
    }
}
