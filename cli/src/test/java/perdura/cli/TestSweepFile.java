package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sweep's file tells without a stack. */
class TestSweepFile {
    private static final String FILE = """
            apiVersion: perdura/v1
            kind: Sweep
            name: alone
            task: linear-probe
            base: {dataset: rsna}
            matrix:
              encoder: [null, prior-1]
              learningRate: [1e-5, 1e-3]
              seeds: [1, 2, 3]
            constraints: ["learningRate < 1e-3 || encoder != null"]
            objective: {metric: auroc, goal: max}
            """;

    @TempDir
    private Path folder;

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());
    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("alone.yaml"), FILE);
    }

    private int run(String... arguments) {
        terminal = new RecordingTerminal(
                Map.of("PERDURA_HOME", folder.resolve("home").toString()));
        return terminal.run(arguments);
    }

    @Test
    void planSaysHowMuchItIsAndWhatIsNotKnown() throws IOException {
        assertThat(run("sweep", "plan", "-f", file.toString()))
                .as(terminal.err())
                .isZero();
        assertThat(terminal.out()).contains("Sweep alone, task linear-probe: 3 points, 9 trials with 3 seeds");
        assertThat(terminal.err()).contains("unknown without the store", "perdura up");

        assertThat(run("sweep", "plan", "-f", file.toString(), "--json")).isZero();
        JsonNode json = new ObjectMapper().readTree(terminal.out());
        assertThat(json.get("total").asInt()).isEqualTo(9);
        assertThat(json.get("points").asInt()).isEqualTo(3);
    }

    @Test
    void planListsThePoints() throws IOException {
        assertThat(run("sweep", "plan", "-f", file.toString(), "--points")).isZero();
        assertThat(terminal.out().lines())
                .containsExactly(
                        "#  encoder  learningRate", "1  null     1e-5", "2  prior-1  1e-5", "3  prior-1  0.001");

        assertThat(run("sweep", "plan", "-f", file.toString(), "--points", "--json"))
                .isZero();
        JsonNode json = new ObjectMapper().readTree(terminal.out());
        assertThat(json).hasSize(3);
        assertThat(json.at("/2/number").asInt()).isEqualTo(3);
        assertThat(json.at("/2/parameters/learningRate").asText()).isEqualTo("0.001");
    }

    @Test
    void checkFindsWhatTheFileAloneTells() throws IOException {
        assertThat(run("sweep", "check", "-f", file.toString())).isZero();
        assertThat(terminal.out()).contains("alone.yaml: no fault found, 3 points, 3 seeds");

        Files.writeString(file, FILE.replace("auroc", "aurok").replace("1e-5", "-1"));
        assertThat(run("sweep", "check", "-f", file.toString())).isEqualTo(2);
        assertThat(terminal.err()).contains("aurok", "alone.yaml:8");
        assertThat(run("sweep", "plan", "-f", file.toString())).isEqualTo(2);
    }
}
