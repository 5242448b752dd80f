package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.text.SectionParser;

class TestShortReports {
    private static final SynthConfig PLAIN = new SynthConfig(
            SynthConfig.Format.MIMIC_CXR,
            new SynthConfig.Amount(SynthConfig.Amount.Unit.STUDIES, 120),
            3,
            0.25,
            32,
            SynthConfig.SiimCopy.STAGE_1);

    @TempDir
    static Path shared;

    private static Map<String, String> plain = Map.of();
    private static Map<String, String> some = Map.of();

    @BeforeAll
    static void write() throws IOException {
        plain = reports(PLAIN, "plain");
        some = reports(PLAIN.withShortReports(0.4), "some");
    }

    private static Map<String, String> reports(SynthConfig config, String name) throws IOException {
        Path folder = shared.resolve(name);
        MimicCxrSynth.write(folder, config, done -> {});
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder.resolve("files"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".txt")).toList()) {
                texts.put(String.valueOf(file.getFileName()).replace(".txt", ""), Files.readString(file));
            }
        }
        return texts;
    }

    @Test
    void theOtherReportsAreAsTheyWouldBe() {
        assertThat(some.keySet()).isEqualTo(plain.keySet());
        long changed = plain.keySet().stream()
                .filter(study -> !text(plain, study).equals(text(some, study)))
                .count();
        assertThat(changed).isBetween(30L, 60L); // 40 % of those that are whole, about 110
    }

    @Test
    void aShortOneHasASentenceForEachFindingThatIsToldAndNoOther() throws IOException {
        int lone = 0;
        for (JsonNode study : SynthTree.truth(shared.resolve("some"))) {
            String name = "s" + study.get("study_id").asText();
            if (text(some, name).equals(text(plain, name))) {
                continue;
            }
            long told = 0;
            for (JsonNode mention : study.get("told")) {
                assertThat(mention.asText()).isNotEqualTo("absent");
                told += mention.asText().equals("none") ? 0 : 1;
            }
            List<String> sentences = SectionParser.select(text(some, name)).sentences();
            assertThat(sentences).as(name).hasSize((int) Math.max(1, told));
            lone += told == 1 ? 1 : 0;
        }
        assertThat(lone).isPositive();
    }

    private static String text(Map<String, String> reports, String study) {
        return reports.getOrDefault(study, "");
    }

    @Test
    void theMarkerNamesTheShareOnlyWhereThereIsOne() throws IOException {
        assertThat(Files.readString(shared.resolve("plain").resolve(SyntheticSet.MARKER)))
                .doesNotContain("short_reports");
        assertThat(Files.readString(shared.resolve("some").resolve(SyntheticSet.MARKER)))
                .contains("\"short_reports\":0.4");
    }
}
