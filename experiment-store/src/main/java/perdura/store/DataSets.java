package perdura.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Tables dataset and dataset_name, as far as data sets are ingested. */
public final class DataSets {
    private static final String SELECT = """
            SELECT d.*, coalesce(array_agg(n.name ORDER BY n.name) FILTER (WHERE n.name IS NOT NULL), '{}') AS names
            FROM dataset d LEFT JOIN dataset_name n ON n.digest = d.digest
            WHERE d.uri IS NOT NULL
            """;

    private final Database database;

    public DataSets(Database database) {
        this.database = database;
    }

    /** An ingested data set that is about to be recorded. */
    public record NewDataSet(String digest, StoredDataSet.Source source, StoredDataSet.Size size, String uri) {}

    private static final String UPSERT = """
            INSERT INTO dataset (digest, source_set, profile, image_size, samples, images, patients, uri)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (digest) DO UPDATE
            SET source_set = excluded.source_set, profile = excluded.profile, image_size = excluded.image_size,
                samples = excluded.samples, images = excluded.images, patients = excluded.patients, uri = excluded.uri
            """;

    /** Records a data set; recording it again does nothing. */
    public void record(NewDataSet data) {
        database.write(connection -> insert(connection, data));
    }

    static int insert(Connection connection, NewDataSet data) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
            upsert.setString(1, data.digest());
            upsert.setString(2, data.source().sourceSet());
            upsert.setString(3, data.source().profile());
            upsert.setInt(4, data.source().imageSize());
            upsert.setLong(5, data.size().samples());
            upsert.setLong(6, data.size().images());
            upsert.setLong(7, data.size().patients());
            upsert.setString(8, data.uri());
            return upsert.executeUpdate();
        }
    }

    private static final String NAME = """
            INSERT INTO dataset_name (name, digest) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, named_at = now()
            WHERE dataset_name.digest <> excluded.digest
            """;

    static int name(Connection connection, String name, String digest) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(NAME)) {
            upsert.setString(1, name);
            upsert.setString(2, digest);
            return upsert.executeUpdate();
        }
    }

    private static final String LIST = SELECT + "GROUP BY d.digest ORDER BY d.recorded_at DESC, d.digest";

    /** Newest first. */
    public List<StoredDataSet> listDataSets() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(LIST)) {
                return list(select);
            }
        });
    }

    private static final String FIND = SELECT + """
            AND (d.digest LIKE ? OR d.digest IN (SELECT digest FROM dataset_name WHERE name = ?))
            GROUP BY d.digest
            """;

    /**
     * The data set of a name, or of a digest or its beginning of at least eight digits.
     *
     * @throws PerduraException NOT_FOUND, with the nearest names; INVALID_SPEC if a beginning fits several
     */
    public StoredDataSet loadDataSet(String nameOrDigest) {
        boolean digest = nameOrDigest.matches("[0-9a-f]{8,64}");
        List<StoredDataSet> found = database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(FIND)) {
                select.setString(1, digest ? nameOrDigest + "%" : "");
                select.setString(2, nameOrDigest);
                return list(select);
            }
        });
        Optional<StoredDataSet> named = found.stream()
                .filter(data -> data.names().contains(nameOrDigest))
                .findFirst();
        if (named.isPresent()) {
            return named.get();
        }
        if (found.size() > 1) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "data set " + nameOrDigest + " may be " + found.size() + " data sets; give more digits");
        }
        return found.stream().findFirst().orElseThrow(() -> notFound(nameOrDigest));
    }

    private PerduraException notFound(String nameOrDigest) {
        List<String> known =
                listDataSets().stream().flatMap(data -> data.names().stream()).toList();
        List<String> nearest = NearestNames.of(nameOrDigest, known);
        String hint = nearest.isEmpty() ? "" : "; the nearest: " + String.join(", ", nearest);
        return new PerduraException(
                ErrorCode.NOT_FOUND,
                "data set " + nameOrDigest + " is not in the store" + hint
                        + "; 'perdura data list' shows what was ingested");
    }

    private static List<StoredDataSet> list(PreparedStatement select) throws SQLException {
        List<StoredDataSet> all = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                all.add(new StoredDataSet(
                        Columns.text(row, "digest"),
                        names(row),
                        new StoredDataSet.Source(
                                Columns.text(row, "source_set"),
                                Columns.text(row, "profile"),
                                row.getInt("image_size")),
                        new StoredDataSet.Size(row.getLong("samples"), row.getLong("images"), row.getLong("patients")),
                        Columns.text(row, "uri"),
                        Columns.instant(row, "recorded_at")));
            }
        }
        return all;
    }

    private static List<String> names(ResultSet row) throws SQLException {
        Array array = row.getArray("names");
        return Arrays.asList((String[]) array.getArray());
    }
}
