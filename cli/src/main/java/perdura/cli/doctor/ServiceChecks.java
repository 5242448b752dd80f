package perdura.cli.doctor;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.activities.io.airflow.AirflowClient;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.activities.worker.TemporalConnection;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackState.PartState;
import perdura.cli.words.Times;
import perdura.datasets.file.DiskSpace;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.Advice;
import perdura.grids.spec.Amount;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.Checkpoints;
import perdura.store.Database;
import perdura.store.relay.MlflowConfig;
import perdura.store.relay.Outbox;

/** Looks at the servers, the outbox, the artifact folder and the local worker. */
public final class ServiceChecks {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The relay tries again within a minute. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    private static final Duration LONGEST_SEARCH = Duration.ofSeconds(30);

    private final Settings settings;
    private final StackHome home;
    private final Map<String, String> environment;
    private long largestCheckpoint;

    /** @param environment XDG_CACHE_HOME is read */
    public ServiceChecks(Settings settings, StackHome home, Map<String, String> environment) {
        this.settings = settings;
        this.home = home;
        this.environment = environment;
    }

    public List<Diagnosis> run() {
        List<Diagnosis> all = new ArrayList<>(postgresAndOutbox());
        all.add(temporal());
        all.add(mlflow());
        settings.airflow().map(ServiceChecks::airflow).ifPresent(all::add);
        all.add(artifacts());
        all.add(otherUsers());
        all.add(worker());
        return all;
    }

    private List<Diagnosis> postgresAndOutbox() {
        try (Database database = Database.openToRead(settings.database(), DurableEffects.counting(), PATIENCE)) {
            largestCheckpoint = new Checkpoints(database).largestBytes();
            return List.of(writable(database), outbox(new Outbox(database)));
        } catch (PerduraException e) {
            return List.of(Diagnosis.broken(
                    "Postgres",
                    String.valueOf(e.getMessage()),
                    e.code() == ErrorCode.SCHEMA_OUTDATED
                            ? "" // the message says what to do
                            : "Start it, or correct the settings: " + Advice.UP.in() + " starts a local one."));
        }
    }

    private Diagnosis writable(Database database) {
        String url = settings.database().jdbcUrl();
        try {
            database.tryWrite();
            return Diagnosis.good("Postgres", url);
        } catch (PerduraException e) {
            return Diagnosis.broken(
                    "Postgres",
                    url + " answers questions and takes no changes: " + e.getMessage(),
                    "Name the primary server; of several, the driver finds it by a URL like"
                            + " jdbc:postgresql://one,other/perdura?targetServerType=primary.");
        }
    }

    private Diagnosis outbox(Outbox outbox) {
        List<Outbox.Parked> parked = outbox.listParked();
        String pending = Amount.of(outbox.countPending(), "row") + " waiting for MLflow";
        Duration longest = outbox.longestWait();
        if (parked.isEmpty()
                && (longest.compareTo(LONGEST_WAIT) < 0 || settings.mlflow().isEmpty())) {
            return Diagnosis.good("Outbox", pending);
        }
        if (parked.isEmpty()) {
            return Diagnosis.broken(
                    "Outbox",
                    pending + ", the oldest for " + Times.of(longest),
                    "The worker delivers them, and its log says what keeps it; " + Advice.MLFLOW_SYNC.in()
                            + " delivers them as well.");
        }
        List<String> reasons = parked.stream()
                .map(row -> row.runId() + " " + row.kind() + ": "
                        + row.reason().lines().findFirst().orElse(""))
                .distinct()
                .limit(10)
                .toList();
        return Diagnosis.broken(
                "Outbox",
                pending + ", " + parked.size() + " are parked: " + String.join("; ", reasons),
                "Remove the cause, then: " + Advice.RETRY_PARKED.of());
    }

    private Diagnosis temporal() {
        try (TemporalConnection connection = TemporalConnection.open(settings.temporal(), PATIENCE)) {
            String address = settings.temporal().address();
            return connection.isTestServer()
                    ? Diagnosis.note(
                            "Temporal",
                            address + ", the embedded test service: workflows live in its memory",
                            "For work that matters take the real server: put 'temporal' or Go on the PATH, then "
                                    + Advice.UP.in() + ".")
                    : Diagnosis.good("Temporal", address + ", a real server");
        } catch (PerduraException e) {
            return Diagnosis.broken(
                    "Temporal",
                    String.valueOf(e.getMessage()),
                    "Start it, or correct the settings: " + Advice.UP.in() + " starts a local one.");
        }
    }

    private Diagnosis mlflow() {
        Optional<MlflowConfig> config = settings.mlflow();
        if (config.isEmpty()) {
            return Diagnosis.note(
                    "MLflow",
                    "none: the outbox keeps everything",
                    "Set PERDURA_MLFLOW_URL, or " + Advice.UP.in() + " where Python 3 is; then "
                            + Advice.MLFLOW_SYNC.in() + ".");
        }
        URI server = config.get().trackingUri();
        try {
            int status = config.get().askStatus(LONGEST_SEARCH);
            return status == 200
                    ? Diagnosis.good("MLflow", server.toString())
                    : Diagnosis.broken(
                            "MLflow",
                            server + " answers " + status,
                            "See its log; for 401 and 403 correct user, password or token.");
        } catch (PerduraException e) {
            return e.code() == ErrorCode.PREEMPTED
                    ? Diagnosis.broken("MLflow", server + " was not asked", "Ask again.")
                    : Diagnosis.broken(
                            "MLflow",
                            server + " does not answer",
                            "Start it; training goes on without, and the outbox keeps everything.");
        }
    }

    private static Diagnosis airflow(AirflowConfig config) {
        try {
            AirflowClient client = AirflowClient.connect(config, PATIENCE);
            client.requireAccess();
            return Diagnosis.good("Airflow", config.url() + ", version " + client.version());
        } catch (PerduraException e) {
            return Diagnosis.broken(
                    "Airflow",
                    String.valueOf(e.getMessage()),
                    "Start it, or correct the settings; runs that need a DAG wait for it.");
        }
    }

    private Diagnosis artifacts() {
        try {
            Path folder = settings.artifacts();
            PrivateFiles.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "doctor", ".tmp"));
            return full(folder).orElseGet(() -> Diagnosis.good("Artifacts", folder + " can be written"));
        } catch (PerduraException | IOException e) {
            return Diagnosis.broken(
                    "Artifacts",
                    "cannot be written: " + e.getMessage(),
                    "Set PERDURA_ARTIFACTS to a folder with room.");
        }
    }

    /** Room for the largest checkpoint that there is, beside the one that it replaces. */
    private Optional<Diagnosis> full(Path folder) throws IOException {
        DiskSpace disk = DiskSpace.of(folder);
        long needed = Math.max(2 * largestCheckpoint, StackHome.SMALLEST_ROOM);
        return disk.isShortOf(needed)
                ? Optional.of(Diagnosis.broken(
                        "Artifacts",
                        disk.sentence(needed, "the next checkpoint"),
                        "Make room: " + Advice.GC.in()
                                + " removes checkpoints that nobody needs. Runs go on by themselves then."))
                : Optional.empty();
    }

    /** Which programs ask nobody who they are: every user of this machine may then use them. */
    private Diagnosis otherUsers() {
        List<String> open = new ArrayList<>();
        Path artifacts = settings.has(Setting.ARTIFACTS) ? settings.artifacts() : home.artifacts();
        for (Path folder : List.of(home.folder(), artifacts, StackHome.cache(environment))) {
            try {
                if (Files.exists(folder) && PrivateFiles.isOpen(folder)) {
                    open.add(folder + " can be opened by other users (close it: chmod -R go= " + folder + ")");
                }
            } catch (IOException e) {
                open.add(folder + " cannot be looked at: " + e);
            }
        }
        if (!open.isEmpty()) {
            return Diagnosis.broken(
                    "Other users", String.join("; ", open), "Patients' data and passwords may lie there.");
        }
        return home.loadState().part(PartName.TEMPORAL).process() == null
                ? Diagnosis.good("Other users", "reach no folder of Perdura")
                : Diagnosis.note(
                        "Other users",
                        "reach no folder, and neither Postgres nor MLflow; but the local Temporal asks nobody for a login:"
                                + " any user of this machine can see the names of runs, and start or end workflows",
                        "Where you don't trust them, name a Temporal with TLS and a login (PERDURA_TEMPORAL_ADDRESS).");
    }

    private Diagnosis worker() {
        PartState worker = home.loadState().part(PartName.WORKER);
        if (worker.process() != null && worker.process().isAlive()) {
            return Diagnosis.good(
                    "Worker", "process " + worker.process().pid() + ", restarted " + worker.restarts() + " times");
        }
        if (home.loadState().isOwned() && worker.phase() != PartState.Phase.STOPPED) {
            return Diagnosis.broken(
                    "Worker",
                    "it is down: " + worker.detail(),
                    "It is started again by itself; see its log in " + home.logs() + ".");
        }
        return Diagnosis.note(
                "Worker",
                "none of the local stack runs here",
                "Runs need a worker somewhere: " + Advice.UP.in() + " starts one, or run " + Advice.WORKER.in() + ".");
    }

    /**
     * What is found about one part.
     *
     * @param finding what is the case
     * @param remedy what to do, or empty
     */
    public record Diagnosis(String part, Grade grade, String finding, String remedy) {
        /** How bad it is. */
        public enum Grade {
            GOOD,
            /** Works, but is worth knowing. */
            NOTE,
            BROKEN
        }

        static Diagnosis good(String part, String finding) {
            return new Diagnosis(part, Grade.GOOD, finding, "");
        }

        static Diagnosis note(String part, String finding, String remedy) {
            return new Diagnosis(part, Grade.NOTE, finding, remedy);
        }

        static Diagnosis broken(String part, String finding, String remedy) {
            return new Diagnosis(part, Grade.BROKEN, finding, remedy);
        }
    }
}
