package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.settings.SettingsSource;
import perdura.testkit.Repository;

/** Holds the files of {@code docker/airflow} against the platform's own. */
class TestAirflowFiles {
    private static final Path ROOT = Repository.resolve("");

    private static String text(String path) throws IOException {
        return Files.readString(ROOT.resolve(path));
    }

    private static Map<?, ?> services() throws IOException {
        Map<?, ?> file = new Yaml(new SafeConstructor(new LoaderOptions())).load(text("docker/airflow/compose.yaml"));
        return map(file, "services");
    }

    private static Map<?, ?> map(Map<?, ?> parent, String key) {
        return (Map<?, ?>) Objects.requireNonNull(parent.get(key), key);
    }

    private static Map<String, String> variables(String service) throws IOException {
        Map<String, String> variables = new LinkedHashMap<>();
        map(map(services(), service), "environment")
                .forEach((name, value) -> variables.put((String) name, String.valueOf(value)));
        return variables;
    }

    @Test
    void everyVariableIsOneThatPerduraReads() throws IOException {
        List<String> known =
                Arrays.stream(Setting.values()).map(Setting::variable).toList();
        for (String service : List.of("worker", "cli", "airflow-scheduler", "airflow-set-up")) {
            assertThat(variables(service).keySet().stream().filter(name -> name.startsWith("PERDURA_")))
                    .as(service)
                    .isNotEmpty()
                    .isSubsetOf(known);
        }
    }

    @Test
    void aWorkerFindsAirflowUnderTheNameOfItsService() throws IOException {
        Settings settings = Settings.of(List.of(SettingsSource.ofEnvironment(variables("worker"))), null);

        assertThat(services().containsKey(settings.airflow().orElseThrow().url().getHost()))
                .isTrue();
    }

    @Test
    void aTaskFindsThePlatform() throws IOException {
        Settings settings = Settings.of(List.of(SettingsSource.ofEnvironment(variables("airflow-scheduler"))), null);

        assertThat(settings.temporal().address()).isEqualTo("temporal:7233");
        assertThat(settings.database().jdbcUrl()).isEqualTo("jdbc:postgresql://postgres:5432/perdura");
        assertThat(settings.artifacts()).hasToString("/data/artifacts");
    }

    @Test
    void theSchedulerStartsWhenTheServerAnswers() throws IOException {
        for (String part : List.of("airflow-scheduler", "airflow-dag-processor")) {
            assertThat(map(map(map(services(), part), "depends_on"), "airflow-api-server")
                            .get("condition"))
                    .isEqualTo("service_healthy");
        }
    }

    @Test
    void theImageIsMadeOfThePinsAndOfThePlatformsImage() throws IOException {
        assertThat(text("docker/airflow.Dockerfile"))
                .contains("COPY tools/airflow/requirements.txt", "COPY docker/airflow/dags /dags", "FROM perdura AS");
        String driver = text("tools/mlflow/requirements.txt")
                .lines()
                .filter(line -> line.startsWith("psycopg2-binary=="))
                .findFirst()
                .orElseThrow();
        assertThat(text("tools/airflow/requirements.txt")).contains(driver.strip());
        assertThat(text("tools/airflow/requirements.txt")).contains("\napache-airflow==3.");
        assertThat(text("tools/airflow/requirements-2.txt")).contains("\napache-airflow==2.");
    }

    @Test
    void everyMountedFileIsThere() throws IOException {
        for (Object service : services().values()) {
            List<?> volumes = (List<?>) Objects.requireNonNullElse(((Map<?, ?>) service).get("volumes"), List.of());
            volumes.stream()
                    .map(volume -> ((String) volume).split(":", -1)[0])
                    .filter(path -> path.startsWith("./"))
                    .forEach(path ->
                            assertThat(ROOT.resolve("docker").resolve(path)).exists());
        }
    }

    @Test
    void noPasswordIsWrittenDown() throws IOException {
        assertThat(text("docker/airflow/compose.yaml").lines().filter(line -> line.matches(".*PASSWORD: .*")))
                .isNotEmpty()
                .allMatch(line -> line.matches(".*: \\$\\{PERDURA_[A-Z_]+_PASSWORD:\\?.*"));
    }

    @Test
    void everyTaskIsTriedAgain() throws IOException {
        try (Stream<Path> dags = Files.list(ROOT.resolve("docker/airflow/dags"))) {
            for (Path dag : dags.filter(file -> file.toString().endsWith(".py")).toList()) {
                assertThat(Files.readString(dag)).as(dag.toString()).contains("\"retries\": 2");
            }
        }
    }
}
