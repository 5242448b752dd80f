package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told about a set with more faults than can be read one by one. */
class TestDataInspect {
    private static final int ROWS = 1_500;

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void writeTable() throws IOException {
        List<String> lines = new ArrayList<>(List.of("ImageId, EncodedPixels"));
        for (int i = 0; i < ROWS; i++) {
            lines.add("1.2." + i + ", -1");
        }
        lines.add("1.2.0, -1, more");
        Files.write(folder.resolve("train-rle.csv"), lines);
    }

    private RecordingTerminal inspect(String... flags) {
        RecordingTerminal terminal = new RecordingTerminal(Map.of());
        List<String> words = new ArrayList<>(List.of("data", "inspect", folder.toString(), "--format", "siim"));
        words.addAll(List.of(flags));
        assertThat(terminal.run(words.toArray(String[]::new))).isEqualTo(1);
        return terminal;
    }

    @Test
    void jsonHasEveryFaultAndTheirCountsByReason() throws IOException {
        JsonNode report = new ObjectMapper().readTree(inspect("--json").out()).path("report");

        assertThat(report.path("faultCount").asLong()).isEqualTo(ROWS + 1);
        assertThat(report.path("faults")).hasSize(ROWS + 1);
        assertThat(report.path("faults").path(0).path("place").asText()).endsWith("train-rle.csv:1502");
        assertThat(report.path("faults").path(ROWS).path("reason").asText()).startsWith("image '1.2.999' has no file");
        assertThat(report.path("faultsByReason"))
                .extracting(count -> count.path("count").asLong())
                .containsExactly((long) ROWS, 1L);
    }

    @Test
    void textHasTheFirstFaultsTheCountsAndTheWayToTheRest() {
        RecordingTerminal terminal = inspect();

        assertThat(terminal.out()).containsPattern("samples +0").contains(ROWS + "  image '\u2026' has no file");
        assertThat(terminal.err().lines()).hasSize(21).last().asString().contains("1481 more", "--json");
    }
}
