package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestCommandLine {
    @TempDir
    private Path folder;

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());

    @BeforeEach
    void useAnEmptyHome() {
        terminal = new RecordingTerminal(
                Map.of("PERDURA_HOME", folder.resolve("home").toString()));
    }

    @ParameterizedTest
    @CsvSource({"statsu,status", "quickstrat,quickstart", "run,runs", "dwn,down"})
    void anUnknownCommandGetsASuggestionAndStatusTwo(String typed, String meant) {
        assertThat(terminal.run(typed)).isEqualTo(2);
        assertThat(terminal.err()).contains("'" + typed + "'").contains("did you mean '" + meant + "'?");
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void anUnknownFlagGetsASuggestionAndStatusTwo() {
        assertThat(terminal.run("runs", "list", "--jsn")).isEqualTo(2);
        assertThat(terminal.err()).contains("'--jsn'; did you mean '--json'?").contains("perdura runs list --help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "runs", "mlflow", "data", "weights"})
    void aGroupWithoutACommandIsWrongUsage(String word) {
        assertThat(word.isEmpty() ? terminal.run() : terminal.run(word)).isEqualTo(2);
        assertThat(terminal.err()).contains("which");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quickstart",
                "up",
                "down",
                "status",
                "pretrain",
                "resume",
                "runs list",
                "runs show",
                "runs watch",
                "runs pause",
                "runs resume",
                "runs stop",
                "leaderboard",
                "compare",
                "report",
                "mlflow sync",
                "doctor",
                "gc",
                "worker",
                "data synth",
                "data inspect",
                "data ingest",
                "data list",
                "data show",
                "data split",
                "data leaks",
                "data batches",
                "weights import",
                "weights export",
                "weights inspect",
                "weights list",
                "completion"
            })
    void everyCommandOfTheHandbookIsThere(String words) {
        String[] arguments = (words + " --help").split(" ", -1);
        assertThat(terminal.run(arguments)).isZero();
        assertThat(terminal.err()).isEmpty();
        assertThat(terminal.out()).contains("Usage: perdura " + words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cpu --device cpu"})
    void aStackIsNotStartedWithDevicesThatNoWorkerTakes(String devices) {
        assertThat(terminal.run(("up --device " + devices).split(" ", -1))).isEqualTo(2);
        assertThat(terminal.err()).contains("--device: ");
        assertThat(folder.resolve("home")).doesNotExist();
    }

    @Test
    void helpAndCompletionDoNotShowTheInnerCommand() {
        terminal.run("completion");
        assertThat(terminal.out()).contains("complete").contains("quickstart").contains("perdura");
    }

    @Test
    void withoutAStackRunsSaysHowToStartOne() {
        assertThat(terminal.run("runs", "list")).isEqualTo(1);
        assertThat(terminal.err())
                .contains("perdura up")
                .contains("PERDURA_DATABASE_URL")
                .doesNotContain("\tat ");
    }

    @Test
    void aDagWithoutAnAirflowIsRefusedBeforeAnythingStarts() throws IOException {
        Path spec = Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: plan
                method: prior
                profile: tiny
                data: {root: what-the-dag-brings}
                prepare: {airflow: {dag: ingest}}
                """);

        assertThat(terminal.run("pretrain", "-f", spec.toString())).isEqualTo(2);

        assertThat(terminal.err())
                .contains("prepare.airflow: DAG ingest must run first")
                .contains("PERDURA_AIRFLOW_URL")
                .contains("--airflow-url");
    }

    @Test
    void debugShowsTheStackTrace() {
        assertThat(terminal.run("runs", "list", "--debug")).isEqualTo(1);
        assertThat(terminal.err()).contains("\tat perdura");
    }

    @Test
    void aWrongRunIdIsWrongUsage() {
        assertThat(terminal.run("runs", "show", "No/Such")).isEqualTo(2);
        assertThat(terminal.err()).contains("run id must be").contains("No/Such");
    }

    @Test
    void aWrongDurationIsWrongUsage() {
        assertThat(terminal.run("worker", "--stall-timeout", "soon")).isEqualTo(2);
        assertThat(terminal.err()).contains("'soon'", "60s");
    }

    @Test
    void aWrongDeviceIsWrongUsage() {
        int status = terminal.run(
                "worker",
                "--device",
                "gpu0",
                "--temporal-address",
                "h:1",
                "--database-url",
                "jdbc:postgresql://h/d",
                "--artifacts",
                folder.toString());
        assertThat(status).isEqualTo(2);
        assertThat(terminal.err()).contains("device must be auto, cpu or cuda:N, was 'gpu0'");
    }

    @Test
    void wrongSettingsAreWrongUsage() {
        assertThat(terminal.run("runs", "list", "--temporal-address", "x")).isEqualTo(2);
        assertThat(terminal.err())
                .contains("--temporal-address must be HOST:PORT")
                .contains("was 'x'");
    }

    @Test
    void aNamedSettingsFileMustBeThere() {
        assertThat(terminal.run("runs", "list", "--config", "none.yaml")).isEqualTo(2);
        assertThat(terminal.err()).contains("none.yaml").contains("does not exist");
    }

    @Test
    void theFlagConfigIsRead() throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), "databse: {url: x}\n");
        assertThat(terminal.run("runs", "list", "--config", file.toString())).isEqualTo(2);
        assertThat(terminal.err()).contains("unknown key 'databse'");
    }

    @Test
    void statusOfNoStackIsNoFailure() {
        assertThat(terminal.run("status")).isZero();
        assertThat(terminal.out()).isEmpty();
        assertThat(terminal.err()).contains("perdura up");
        assertThat(terminal.run("status", "--json")).isZero();
        assertThat(terminal.out()).contains("\"running\" : false");
    }

    @Test
    void downOfNoStackIsNoFailure() {
        assertThat(terminal.run("down")).isZero();
        assertThat(terminal.err()).contains("No stack runs");
    }

    @Test
    void theMethodsThatASpecMayNameAreListed() {
        RecordingTerminal listing = new RecordingTerminal(Map.of());
        assertThat(listing.run("methods")).isZero();
        assertThat(listing.out()).contains("METHOD", "prior", "tiny, small, paper");
    }
}
