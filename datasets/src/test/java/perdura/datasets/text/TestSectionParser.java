package perdura.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.datasets.text.SectionParser.ReportSections;

class TestSectionParser {
    static List<JsonNode> cases() throws IOException {
        return TextCases.of("section_parser");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(JsonNode expected) {
        List<List<String>> sections = SectionParser.parse(expected.get("report").asText()).stream()
                .map(s -> List.of(s.name(), s.text()))
                .toList();
        ReportSections selected = SectionParser.select(expected.get("report").asText());

        assertThat(sections)
                .isEqualTo(TextCases.list(expected.get("sections")).stream()
                        .map(TextCases::texts)
                        .toList());
        assertThat(selected.impression()).isEqualTo(textOrEmpty(expected.get("impression")));
        assertThat(selected.findings()).isEqualTo(textOrEmpty(expected.get("findings")));
        assertThat(selected.isEmpty()).isEqualTo(expected.get("dropped").asBoolean());
        if (expected.get("sentences").isNull()) {
            assertThat(selected.sentences()).hasSizeLessThan(4);
        } else {
            assertThat(selected.sentences()).isEqualTo(TextCases.texts(expected.get("sentences")));
        }
    }

    @Test
    void theLastFindingsWinAndColumnZeroIsNoHeader() {
        ReportSections sections = SectionParser.select("x\nIMPRESSION: A.\n FINDINGS: B.\n FINDINGS: C.\n");
        assertThat(sections).isEqualTo(new ReportSections("", "C."));
        assertThat(SectionParser.select("x\n FINDINGS AND IMPRESSION: D.\n")).isEqualTo(new ReportSections("D.", ""));
        assertThat(SectionParser.select("x\n TECHNIQUE: E.\n").isEmpty()).isTrue();
    }

    @Test
    void aReportsTextStaysOutOfLogs() {
        assertThat(SectionParser.parse("x\n FINDINGS: Secret.\n").toString()).doesNotContain("Secret");
        assertThat(SectionParser.select("x\n FINDINGS: Secret.\n").toString()).doesNotContain("Secret");
    }

    private static String textOrEmpty(JsonNode text) {
        return text.isNull() ? "" : text.asText();
    }
}
