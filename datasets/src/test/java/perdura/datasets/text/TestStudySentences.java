package perdura.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.testkit.GoldenCases;

class TestStudySentences {
    @Test
    void sentencesAreThoseOfTheReference() {
        JsonNode cases = GoldenCases.read("sense/data_cases").get("reports");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            assertThat(StudySentences.of(c.get("report").asText()))
                    .as(c.get("report").toString())
                    .isEqualTo(GoldenCases.texts(c.get("sentences")));
        }
    }

    @Test
    void theAnchorOfTheSpecificationIsMet() {
        assertThat(StudySentences.of(
                        "The lungs are clear.  There is a 1.5 cm nodule, left upper lobe.\n 2. No pneumothorax."))
                .isEqualTo(
                        List.of("the lungs are clear", "there is a 1.5 cm nodule left upper lobe", "no pneumothorax"));
    }

    @Test
    void everyListNumberOfARunIsDropped() {
        assertThat(StudySentences.of("1. 2. 10. Clear.")).containsExactly("clear");
        assertThat(StudySentences.of("Stable. 1. 2. Clear.")).containsExactly("stable", "clear");
    }

    @Test
    void aLongReportTakesLittleTime() {
        String report = "Stable. ".repeat(50_000);
        assertThat(StudySentences.of(report)).hasSize(50_000);
        assertThat(StudySentences.of(" ".repeat(400_000) + "_".repeat(400_000))).isEmpty();
    }
}
