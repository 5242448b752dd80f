package perdura.cli.stack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** The real MLflow server in its private environment, on a database of its own in the local Postgres. */
final class LocalMlflow implements Part {
    static final String NO_PYTHON =
            "no Python 3.10+ with venv here: the outbox keeps every metric, and 'perdura mlflow sync' delivers them to any MLflow later";

    private static final Map<String, String> SWITCHES = Map.of(
            "MLFLOW_DISABLE_TELEMETRY", "true",
            "DO_NOT_TRACK", "true",
            // Off, it has 2 processes instead of 10, and a third of the memory.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");

    private final StackHome home;
    private final Launcher launcher;
    private final MlflowEnvironment environment;
    private final IntSupplier postgresPort;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    LocalMlflow(StackHome home, CacheFolder cache, Launcher launcher, IntSupplier postgresPort) {
        this.home = home;
        this.launcher = launcher;
        this.environment = new MlflowEnvironment(cache, launcher, home.logs().resolve("mlflow-install.log"));
        this.postgresPort = postgresPort;
    }

    @Override
    public PartName name() {
        return PartName.MLFLOW;
    }

    /** 15 to 42 s as measured, 105 s on a busy machine; the tables are made at the first start. */
    @Override
    public Duration patience() {
        return Duration.ofMinutes(3);
    }

    @Override
    public void prepare(Progress progress) throws InterruptedException, UnavailablePartException {
        if (!environment.isPossible()) {
            throw new UnavailablePartException(NO_PYTHON);
        }
        if (!environment.installIfMissing(progress)) {
            throw new UnavailablePartException(
                    "cannot be installed (see " + home.logs().resolve("mlflow-install.log")
                            + "): the outbox keeps every metric, and 'perdura mlflow sync' delivers them later");
        }
    }

    @Override
    public Started start(PartState ports, Progress progress) {
        progress.report("starting (up to a minute)");
        Process process = launcher.start(
                command(environment.bin(), ports.port()), SWITCHES, home.logs().resolve("mlflow.log"));
        return new Started(ProcessRef.of(process.toHandle()), "http://127.0.0.1:" + ports.port());
    }

    private List<String> command(Path bin, int port) {
        return List.of(
                bin.resolve("mlflow").toString(),
                "server",
                "--backend-store-uri",
                // "postgresql://" alone would mean another driver.
                "postgresql+psycopg2://" + StackHome.DATABASE_USER + "@127.0.0.1:" + postgresPort.getAsInt()
                        + "/mlflow",
                "--artifacts-destination",
                home.mlflowArtifacts().toString(),
                "--serve-artifacts",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--workers",
                "1");
    }

    /** {@code /health} would say yes with the database down. */
    @Override
    public boolean isReady(PartState state) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + state.port() + "/api/2.0/mlflow/experiments/search"))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"max_results\": 1}"))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public Duration stopPatience() {
        return Duration.ofSeconds(15); // 3 s as measured
    }
}
