package perdura.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
}
