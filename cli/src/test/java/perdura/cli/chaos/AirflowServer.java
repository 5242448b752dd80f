package perdura.cli.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A real Airflow on SQLite, its parts started one by one, each in a process group of its own. */
final class AirflowServer implements AutoCloseable {
    static final String USER = "perdura";
    static final String PASSWORD = "only-for-this-test";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration STOPPING = Duration.ofSeconds(20);

    private final AirflowRelease release;
    private final Path bin;
    private final Path home;
    private final int port;
    private final Map<String, String> variables;
    private final List<Process> parts = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private @Nullable String authorization;

    /**
     * Makes its database and user; {@link #start} starts it.
     *
     * @param ofTasks variables that its tasks see, too
     */
    AirflowServer(AirflowRelease release, Path home, Path dags, Map<String, String> ofTasks)
            throws IOException, InterruptedException {
        this.release = release;
        this.bin = AirflowEnvironment.install(release).bin();
        this.home = Files.createDirectories(home);
        this.port = freePort();
        this.variables = new LinkedHashMap<>(release.variables(home, dags, port, freePort(), freePort()));
        variables.putAll(ofTasks);
        Files.writeString(home.resolve("passwords.json"), JSON.writeValueAsString(Map.of(USER, PASSWORD)));
        run("db", "migrate");
        if (release == AirflowRelease.TWO) {
            run("users", "create", "-u", USER, "-p", PASSWORD, "-r", "Admin", "-f", "A", "-l", "B", "-e", "a@b.c");
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Unpauses a DAG, runs it with these params, and waits until its run has ended. */
    String runToItsEnd(String dag, Map<String, Object> params) throws IOException, InterruptedException {
        patch("dags/" + dag, "{\"is_paused\": false}");
        Map<String, Object> body = new LinkedHashMap<>(Map.of("dag_run_id", "of-the-test", "conf", params));
        if (release == AirflowRelease.THREE) {
            body.put("logical_date", null);
        }
        post("dags/" + dag + "/dagRuns", JSON.writeValueAsString(body));
        return Awaitility.await("the run of " + dag)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(
                        () -> get("dags/" + dag + "/dagRuns/of-the-test")
                                .path("state")
                                .asText(),
                        state -> state.equals("success") || state.equals("failed"));
    }

    /** What a worker needs to know. */
    Map<String, String> connectionVariables() {
        return Map.of(
                "PERDURA_AIRFLOW_URL", uri().toString(),
                "PERDURA_AIRFLOW_USER", USER,
                "PERDURA_AIRFLOW_PASSWORD", PASSWORD);
    }

    /** Starts all parts and waits until each DAG is known. */
    void start(String... dags) throws IOException {
        startParts(List.of(release.web()));
        Awaitility.await("Airflow's web server")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> get("version").has("version"));
        startParts(release.rest());
        for (String dag : dags) {
            Awaitility.await("DAG " + dag)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> get("dags/" + dag).has("dag_id"));
        }
    }

    private void startParts(List<String> commands) throws IOException {
        for (String command : commands) {
            parts.add(builder("setsid", bin.resolve("airflow").toString(), command)
                    .start());
        }
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(bin.resolve("airflow").toString()));
        command.addAll(List.of(arguments));
        if (builder(command.toArray(String[]::new)).start().waitFor() != 0) {
            throw new IOException("airflow " + arguments[0] + " failed: see " + log());
        }
    }

    private ProcessBuilder builder(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().putAll(variables);
        builder.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);
        return builder;
    }

    private Path log() {
        return home.resolve("airflow.log");
    }

    /** Asks for a path behind the API's prefix. */
    JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    JsonNode post(String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    JsonNode patch(String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri() + release.prefix() + path))
                .timeout(Duration.ofSeconds(30));
        return path.equals("version") ? request : request.header("Authorization", authorization());
    }

    private String authorization() throws IOException, InterruptedException {
        if (authorization == null && release == AirflowRelease.THREE) {
            JsonNode login = send(HttpRequest.newBuilder(URI.create(uri() + "/auth/token"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            JSON.writeValueAsString(Map.of("username", USER, "password", PASSWORD)))));
            authorization = "Bearer " + login.path("access_token").asText();
        } else if (authorization == null) {
            byte[] pair = (USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8);
            authorization = "Basic " + Base64.getEncoder().encodeToString(pair);
        }
        return Objects.requireNonNull(authorization);
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return JSON.readTree(
                http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body());
    }

    /** Ends all parts with their children. */
    void stop() throws IOException, InterruptedException {
        for (Process part : parts) {
            signal("-TERM", part);
        }
        long deadline = System.nanoTime() + STOPPING.toNanos();
        for (Process part : parts) {
            part.waitFor(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            signal("-KILL", part); // what is left of its group
            part.waitFor();
        }
        parts.clear();
    }

    private static void signal(String signal, Process leader) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, "--", "-" + leader.pid())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
