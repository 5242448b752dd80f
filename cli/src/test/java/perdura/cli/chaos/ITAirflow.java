package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.cli.stack.StackOptions;

/** DAGs of a real Airflow before runs on the real platform. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITAirflow {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String[] OF_THE_REPOSITORY = {"perdura_ingest_mimic", "perdura_sweep_nightly"};
    private static final String TEST_DAGS = """
            import datetime

            try:
                from airflow.providers.standard.operators.bash import BashOperator
                from airflow.sdk import DAG, Param
            except ImportError:
                from airflow.models.dag import DAG
                from airflow.models.param import Param
                from airflow.operators.bash import BashOperator

            with DAG("waits", schedule=None, is_paused_upon_creation=False,
                     params={"seconds": Param(1, type="integer", minimum=0)}):
                BashOperator(task_id="wait", bash_command="sleep {{ params.seconds }}")

            with DAG("breaks", schedule=None, is_paused_upon_creation=False):
                check = BashOperator(
                    task_id="load_images",
                    bash_command="echo a line that nobody else may see; test -f MENDED",
                    retries=1,
                    retry_delay=datetime.timedelta(seconds=1),
                )
                check >> BashOperator(task_id="after", bash_command="true")

            with DAG("sleeps", schedule=None, is_paused_upon_creation=True):
                BashOperator(task_id="never", bash_command="true")
            """;

    /** Stays when a test fails: logs, databases and checkpoints are in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path home;

    private Path dags = Path.of("");
    private Platform platform;
    private Connection connection;

    @BeforeAll
    void start() throws Exception {
        dags = Files.createDirectory(home.resolve("dags"));
        Files.writeString(
                dags.resolve("of_the_test.py"),
                TEST_DAGS.replace("MENDED", home.resolve("mended").toString()));
        try (Stream<Path> ours = Files.list(Path.of("..", "docker", "airflow", "dags"))) {
            for (Path dag : ours.filter(file -> file.toString().endsWith(".py")).toList()) {
                Files.copy(dag, dags.resolve(dag.getFileName()));
            }
        }
        platform = Platform.start(
                home.resolve("stack"),
                new StackOptions(
                        StackOptions.Temporal.REAL,
                        StackOptions.Mlflow.NONE,
                        StackOptions.Worker.NONE,
                        List.of(),
                        Map.of()));
        connection = platform.connect();
        Path command = Files.writeString(dags.resolveSibling("perdura"), platform.launcher());
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        TinyRun.writeData(platform, home.resolve("mimic"));
    }

    @AfterAll
    void stop() throws Exception {
        if (connection != null) {
            connection.close();
        }
        if (platform != null) {
            platform.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDagRunsBeforeARun(AirflowRelease release) throws Exception {
        Path airflowHome = home.resolve("airflow-" + release);
        try (AirflowServer airflow = new AirflowServer(release, airflowHome, dags, ofTasks())) {
            airflow.start("waits", "breaks", "sleeps");
            theDagsOfTheRepositoryAreTaken(airflow);
            Path workDir = home.resolve("worker-" + release);
            aKilledWorkersWaitIsTakenUp(airflow, workDir); // a worker has made the tables by then
            doctorKnowsIt(airflow);
            try (WorkerProcess worker =
                    WorkerProcess.start(platform, workDir, airflow.connectionVariables(), List.of())) {
                aPausedDagIsNamed(airflow);
                aFailureIsNamedAndAClearedDagRunIsWaitedFor(airflow);
                theDagsOfTheRepositoryRun(airflow, release);
                anAirflowThatIsAwayIsWaitedFor(airflow);
                assertThat(worker.isAlive()).isTrue();
            }
        }
    }

    /** What the tasks of the repository's DAGs need: the settings, and 'perdura' on the path. */
    private Map<String, String> ofTasks() throws IOException {
        Map<String, String> variables = new LinkedHashMap<>(platform.connectionVariables());
        variables.put("PATH", home + File.pathSeparator + System.getenv("PATH"));
        // Airflow runs the last night's DAG as soon as it is switched on; ours would wait behind one that fails.
        variables.put("PERDURA_SWEEP_FILE", writeSweep("of-every-night").toString());
        return variables;
    }

    private static Path writeSweep(String name) throws IOException {
        return Files.writeString(home.resolve(name + ".yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: %s
                task: no-op
                matrix: {value: [0.5, 0.7]}
                objective: {metric: score, goal: max}
                """.formatted(name));
    }

    private void aKilledWorkersWaitIsTakenUp(AirflowServer airflow, Path workDir) throws Exception {
        String runId;
        Instant killed;
        try (WorkerProcess worker = WorkerProcess.start(platform, workDir, airflow.connectionVariables(), List.of())) {
            runId = submit(airflow, "waits", "{seconds: 15}");
            new StoredEvents(connection, runId).await("AIRFLOW_RUN", PATIENCE);
            awaitState(airflow, "waits", runId, "running");
            assertThat(worker.isAlive()).isTrue();
            killed = Instant.now();
        } // kill -9 of the supervisor and its slot
        try (WorkerProcess worker = WorkerProcess.start(platform, workDir, airflow.connectionVariables(), List.of())) {
            assertThat(RunView.awaitEnd(connection, runId, PATIENCE).status()).isEqualTo("FINISHED");
            assertThat(worker.isAlive()).isTrue();
        }
        assertThat(airflow.get("dags/waits/dagRuns").path("total_entries").asInt())
                .isEqualTo(1);
        StoredEvents events = new StoredEvents(connection, runId);
        assertThat(events.kinds())
                .filteredOn(kind -> kind.startsWith("AIRFLOW"))
                .containsExactly("AIRFLOW_RUN", "AIRFLOW_DONE");
        Instant dagEnd = OffsetDateTime.parse(airflow.get("dags/waits/dagRuns/perdura-" + runId)
                        .path("end_date")
                        .asText())
                .toInstant();
        System.out.printf(
                "killed in a wait; the DAG ended %.1f s later, training began %.1f s after that%n",
                Duration.between(killed, dagEnd).toMillis() / 1e3,
                Duration.between(dagEnd, events.firstClaim()).toMillis() / 1e3);
        // Without a report of the death it would be the heartbeat's time-out, 60 s.
        assertThat(Duration.between(killed, events.firstClaim())).isLessThan(Duration.ofSeconds(50));
    }

    private void anAirflowThatIsAwayIsWaitedFor(AirflowServer airflow) throws Exception {
        airflow.stop();
        String runId = submit(airflow, "waits", "{seconds: 0}");
        new StoredEvents(connection, runId).await("AIRFLOW_AWAY", PATIENCE);

        airflow.start();

        assertThat(RunView.awaitEnd(connection, runId, PATIENCE).status()).isEqualTo("FINISHED");
        assertThat(airflow.get("dags/waits/dagRuns").path("total_entries").asInt())
                .isEqualTo(2); // one for this run
    }

    private static void theDagsOfTheRepositoryAreTaken(AirflowServer airflow) throws Exception {
        for (String dag : OF_THE_REPOSITORY) {
            Awaitility.await(dag)
                    .atMost(PATIENCE)
                    .until(() -> airflow.get("dags/" + dag).has("dag_id"));
        }
        assertThat(airflow.get("importErrors").path("total_entries").asInt()).isZero();
        for (JsonNode task :
                airflow.get("dags/" + OF_THE_REPOSITORY[0] + "/tasks").path("tasks")) {
            assertThat(task.path("retries").asInt())
                    .as(task.path("task_id").asText())
                    .isGreaterThanOrEqualTo(2);
        }
    }

    private void theDagsOfTheRepositoryRun(AirflowServer airflow, AirflowRelease release) throws Exception {
        String name = "by-airflow-" + release.name().toLowerCase(Locale.ROOT);
        Map<String, Object> ingest = new LinkedHashMap<>();
        ingest.put("root", home.resolve("mimic").toString());
        ingest.put("image_size", 64);
        ingest.put("name", name);
        ingest.put("partitions", 2);
        assertThat(airflow.runToItsEnd(OF_THE_REPOSITORY[0], ingest)).isEqualTo("success");
        assertThat(platform.run("data", "list", "--home", platform.home().toString()))
                .contains(name);
        assertThat(platform.run("data", "show", name, "--home", platform.home().toString()))
                .startsWith("Data set mimic-cxr");

        Path sweep = writeSweep(name);
        assertThat(airflow.runToItsEnd(OF_THE_REPOSITORY[1], Map.of("file", sweep.toString())))
                .isEqualTo("success");
        assertThat(platform.run("sweep", "list", "--home", platform.home().toString()))
                .containsPattern(name + "-1 +FINISHED");
        assertThat(platform.run("leaderboard", name, "--home", platform.home().toString()))
                .contains("TEST SCORE");
    }

    private void doctorKnowsIt(AirflowServer airflow) throws Exception {
        String[] command = {
            "doctor",
            "--json",
            "--home",
            platform.home().toString(),
            "--airflow-url",
            airflow.uri().toString(),
            "--airflow-user",
            AirflowServer.USER,
            "--airflow-password",
            AirflowServer.PASSWORD
        };
        assertThat(platform.run(command))
                .contains(airflow.uri() + ", version "
                        + airflow.get("version").path("version").asText())
                .doesNotContain(AirflowServer.PASSWORD);
    }

    private void aPausedDagIsNamed(AirflowServer airflow) throws Exception {
        String runId = submit(airflow, "sleeps", "{}");

        assertThat(RunView.awaitEnd(connection, runId, PATIENCE).status()).isEqualTo("FAILED");
        assertThat(new StoredEvents(connection, runId).error())
                .startsWith("PREPARATION_FAILED: ")
                .contains("airflow dags unpause sleeps");
        assertThat(airflow.get("dags/sleeps/dagRuns").path("total_entries").asInt())
                .isZero();
    }

    private void aFailureIsNamedAndAClearedDagRunIsWaitedFor(AirflowServer airflow) throws Exception {
        Path mended = home.resolve("mended");
        Files.deleteIfExists(mended);
        String runId = submit(airflow, "breaks", "{}");
        assertThat(RunView.awaitEnd(connection, runId, PATIENCE).status()).isEqualTo("FAILED");

        StoredEvents events = new StoredEvents(connection, runId);
        assertThat(events.error())
                .startsWith("PREPARATION_FAILED: task 'load_images' of DAG 'breaks' failed at try 2; its log: "
                        + airflow.uri() + "/dags/breaks/")
                .contains("load_images")
                .doesNotContain("nobody else may see");
        String shown =
                platform.run("runs", "show", runId, "--home", platform.home().toString());
        assertThat(shown)
                .contains("AIRFLOW_RUN", airflow.uri() + "/dags/breaks/")
                .doesNotContain("nobody else");

        Files.createFile(mended);
        airflow.post(
                "dags/breaks/clearTaskInstances",
                "{\"dag_run_id\":\"perdura-" + runId
                        + "\",\"dry_run\":false,\"only_failed\":true,\"reset_dag_runs\":true}");
        platform.run("resume", runId, "--home", platform.home().toString());

        assertThat(RunView.load(connection, runId).status()).isEqualTo("FINISHED");
        assertThat(airflow.get("dags/breaks/dagRuns").path("total_entries").asInt())
                .isEqualTo(1);
    }

    private String submit(AirflowServer airflow, String dag, String conf) throws IOException, InterruptedException {
        Path spec = TinyRun.writeSpec(home.resolve(dag + ".yaml"), home.resolve("mimic"), 1, 6);
        Files.writeString(
                spec, Files.readString(spec) + "prepare: {airflow: {dag: " + dag + ", conf: " + conf + "}}\n");
        return platform.run(
                        "pretrain",
                        "-f",
                        spec.toString(),
                        "--detach",
                        "--home",
                        platform.home().toString(),
                        "--airflow-url",
                        airflow.uri().toString())
                .strip();
    }

    private static void awaitState(AirflowServer airflow, String dag, String runId, String state) {
        Awaitility.await(dag + " " + state)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> airflow.get("dags/" + dag + "/dagRuns/perdura-" + runId)
                        .path("state")
                        .asText()
                        .equals(state));
    }
}
