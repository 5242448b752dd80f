package perdura.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.testkit.Repository;

class TestSentenceSplitter {
    static List<JsonNode> cases() throws IOException {
        return TextCases.of("sentence_splitter");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(JsonNode expected) {
        assertThat(SentenceSplitter.split(expected.get("text").asText()))
                .isEqualTo(TextCases.texts(expected.get("sentences")));
    }

    static List<JsonNode> oddSections() throws IOException {
        return TextCases.list(new ObjectMapper()
                .readTree(Repository.resolve("reference/cases/text/sentences.json")
                        .toFile()));
    }

    /** The rule is PRIOR's also where a reader would cut otherwise. */
    @ParameterizedTest
    @MethodSource("oddSections")
    void oddSectionsAreCutByTheRuleOfTheMethod(JsonNode odd) {
        assertThat(SentenceSplitter.split(odd.get("text").asText())).isEqualTo(TextCases.texts(odd.get("default")));
    }
}
