package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;

/** Tables dataset and dataset_name, as far as data sets are ingested. */
public record DataSets(Database database) {
    private static final String SELECT = """
            SELECT d.*, coalesce(array_agg(n.name ORDER BY n.name) FILTER (WHERE n.name IS NOT NULL), '{}') AS names
            FROM dataset d LEFT JOIN dataset_name n ON n.digest = d.digest
            WHERE d.uri IS NOT NULL
            """;

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
        database.write(handle -> insert(handle, data));
    }

    static int insert(Handle handle, NewDataSet data) {
        StoredDataSet.Source source = data.source();
        StoredDataSet.Size size = data.size();
        return handle.execute(
                UPSERT,
                data.digest(),
                source.sourceSet(),
                source.profile(),
                source.imageSize(),
                size.samples(),
                size.images(),
                size.patients(),
                data.uri());
    }

    private static final String NAME = """
            INSERT INTO dataset_name (name, digest) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, named_at = now()
            WHERE dataset_name.digest <> excluded.digest
            """;

    static int name(Handle handle, String name, String digest) {
        return handle.execute(NAME, name, digest);
    }

    private static final String LIST = SELECT + "GROUP BY d.digest ORDER BY d.recorded_at DESC, d.digest";

    /** Newest first. */
    public List<StoredDataSet> listDataSets() {
        return database.list(StoredDataSet.class, LIST);
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
        List<StoredDataSet> found =
                database.list(StoredDataSet.class, FIND, digest ? nameOrDigest + "%" : "", nameOrDigest);
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
        return new PerduraException(
                ErrorCode.NOT_FOUND,
                "data set " + nameOrDigest + " is not in the store" + Nearest.hint(nameOrDigest, known) + "; "
                        + Advice.DATA_LIST.in() + " shows what was ingested");
    }
}
