package perdura.cli.stack;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import perdura.cli.settings.Setting;
import perdura.cli.settings.SettingsSource;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.file.DiskSpace;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * The folder of the local stack, {@code .perdura/}: data of its servers, logs, artifacts, and the state file.
 *
 * @param folder absolute
 */
public record StackHome(Path folder) {
    /** The database of the store, and the role that owns it. */
    static final String DATABASE = "perdura";

    static final String DATABASE_USER = "perdura";

    /** The role that reads the store and changes nothing. */
    static final String READER = "perdura_reader";

    /** MLflow's database, and the role that owns it. */
    static final String MLFLOW = "mlflow";

    /** The user that MLflow asks for, and the name under which the password is kept. */
    static final String MLFLOW_USER = "perdura";

    static final String MLFLOW_LOGIN = "mlflow-login";

    /** Postgres makes its log in steps of 16 MB; Temporal, MLflow and the logs need the rest. */
    public static final long SMALLEST_ROOM = 64 << 20;

    /** The role that stacks of the first format work as: their Postgres asks nobody for a password. */
    private static final String FIRST_USER = "postgres";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    public StackHome {
        folder = folder.toAbsolutePath().normalize();
    }

    public Path artifacts() {
        return folder.resolve("artifacts");
    }

    public Path logs() {
        return folder.resolve("logs");
    }

    public Path worker() {
        return folder.resolve("worker");
    }

    public Path data() {
        return folder.resolve("data");
    }

    /** The passwords of the stack's servers. */
    Secrets secrets() {
        return new Secrets(folder.resolve("secrets"));
    }

    Path postgres() {
        return folder.resolve("postgres");
    }

    /** Where programs lie that are built once for all stacks of a user. */
    public static Path cache(Map<String, String> environment) {
        return CacheFolder.of(environment).folder();
    }

    Path temporalFile() {
        return folder.resolve("temporal.db");
    }

    Path mlflowArtifacts() {
        return folder.resolve("mlflow-artifacts");
    }

    Path lockFile() {
        return folder.resolve("stack.lock");
    }

    /** Whether a stack has ever kept data here. */
    public boolean holdsData() {
        return Files.isRegularFile(postgres().resolve("PG_VERSION"));
    }

    /** The disk of the stack, if too little is left on it for the servers to go on. */
    public Optional<DiskSpace> findFullDisk() {
        try {
            return Optional.of(DiskSpace.of(folder)).filter(disk -> disk.isShortOf(SMALLEST_ROOM));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What the state file says; {@link StackState#EMPTY} if there is none. */
    public StackState loadState() {
        Path file = stateFile();
        if (!Files.exists(file)) {
            return StackState.EMPTY;
        }
        try {
            StackState state = JSON.readValue(file.toFile(), StackState.class);
            if (state.format() > StackState.FORMAT) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        file + ": format " + state.format() + " is newer than this program, which knows "
                                + StackState.FORMAT + "; use the newer program");
            }
            return state;
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    file + ": is not a state file of the local stack; end its processes and remove the file",
                    e);
        }
    }

    void saveState(StackState state) {
        try {
            AtomicFile.write(stateFile(), JSON.writeValueAsBytes(state));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, stateFile() + ": cannot be written; is the disk full?", e);
        }
    }

    /** Connection settings of the parts that run; empty if none does. */
    public Optional<SettingsSource> findSettings() {
        StackState state = loadState();
        Set<PartName> alive = EnumSet.allOf(PartName.class);
        alive.removeIf(name -> !state.part(name).isAlive());
        Map<Setting, String> values = settings(state, alive);
        if (alive.contains(PartName.POSTGRES)) {
            values.put(Setting.ARTIFACTS, artifacts().toString());
        }
        return values.isEmpty() ? Optional.empty() : Optional.of(new SettingsSource("local stack", values));
    }

    /** Where some of the parts are. */
    Map<Setting, String> settings(StackState state, Set<PartName> parts) {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        for (PartName name : parts) {
            String address = "127.0.0.1:" + state.part(name).port();
            switch (name) {
                case POSTGRES -> {
                    values.put(Setting.DATABASE_URL, "jdbc:postgresql://" + address + "/" + DATABASE);
                    boolean isFirst = state.format() < StackState.FORMAT;
                    values.put(Setting.DATABASE_USER, isFirst ? FIRST_USER : DATABASE_USER);
                    secrets().find(DATABASE_USER).ifPresent(p -> values.put(Setting.DATABASE_PASSWORD, p));
                }
                case TEMPORAL -> values.put(Setting.TEMPORAL_ADDRESS, address);
                case MLFLOW -> {
                    values.put(Setting.MLFLOW_URL, "http://" + address);
                    secrets().find(MLFLOW_LOGIN).ifPresent(password -> {
                        values.put(Setting.MLFLOW_USER, MLFLOW_USER);
                        values.put(Setting.MLFLOW_PASSWORD, password);
                    });
                }
                case WORKER -> {}
            }
        }
        return values;
    }

    private Path stateFile() {
        return folder.resolve("stack.json");
    }
}
