package perdura.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.Overlong;

class TestEncodedReport {
    @TempDir
    Path folder;

    private WordPieceTokenizer tokenizer;

    @BeforeEach
    void readVocabulary() throws IOException {
        tokenizer = new WordPieceTokenizer(TextCases.vocabulary(folder));
    }

    @Test
    void agreesWithTheReference() throws IOException {
        for (JsonNode expected : TextCases.of("token_map")) {
            int length = expected.get("length").asInt();
            EncodedReport report = encode(TextCases.texts(expected.get("sentences")), length);
            List<Integer> ids = TextCases.numbers(expected.get("ids"));

            assertThat(ids(report)).isEqualTo(ids.subList(0, report.length()));
            assertThat(map(report))
                    .isEqualTo(TextCases.numbers(expected.get("map")).subList(0, report.length()));
            assertThat(Collections.frequency(TextCases.numbers(expected.get("attention_mask")), 1))
                    .isEqualTo(report.length());
        }
    }

    @Test
    void everyPieceBelongsToItsSentence() {
        EncodedReport report = encode(List.of("Lungs are clear.", "No effusion"), 256);
        assertThat(map(report)).containsExactly(-1, 1, 1, 1, 1, 2, 2, -1);

        EncodedReport shuffled = encode(List.of("No effusion", "Lungs are clear."), 256);
        assertThat(map(shuffled)).containsExactly(-1, 1, 1, 2, 2, 2, 2, -1);
        assertThat(ids(shuffled).subList(3, 7)).isEqualTo(ids(report).subList(1, 5));
        assertThat(ids(shuffled).subList(1, 3)).isEqualTo(ids(report).subList(5, 7));
    }

    @Test
    void anOverlongReportKeepsItsEndMark() {
        EncodedReport report = encode(Collections.nCopies(100, "Lungs are clear."), 256);
        assertThat(report.length()).isEqualTo(256);
        assertThat(report.id(255)).isEqualTo(Vocabulary.END);
        assertThat(report.sentence(255)).isEqualTo(-1);
        assertThat(report.sentence(254)).isEqualTo(64);
    }

    /** What a tokenizer without truncation gives, cut at the length: "lungs are clear ." are four pieces. */
    @Test
    void anOverlongReportMayLoseItsEndMark() {
        List<int[]> two = List.of(tokenizer.tokenize("Lungs are clear."), tokenizer.tokenize("No effusion"));
        List<Integer> whole = ids(EncodedReport.of(two, 256, Overlong.LOSE_SEP));
        assertThat(whole).hasSize(8).isEqualTo(ids(EncodedReport.of(two, 256)));
        for (int length = 3; length <= 8; length++) {
            EncodedReport report = EncodedReport.of(two, length, Overlong.LOSE_SEP);
            assertThat(ids(report)).isEqualTo(whole.subList(0, length));
            assertThat(map(report)).isEqualTo(List.of(-1, 1, 1, 1, 1, 2, 2, -1).subList(0, length));
        }
    }

    @Test
    void accentsCaseAndWhiteSpaceDontMatter() {
        assertThat(tokenizer.tokenize("L\u00FCngs\u00A0ARE\tcl\u00E9ar"))
                .containsExactly(tokenizer.tokenize("lungs are clear"));
    }

    @Test
    void aWordOfMoreThanAHundredCharactersIsUnknown() {
        assertThat(tokenizer.tokenize("5".repeat(101))).containsExactly(Vocabulary.UNKNOWN);
    }

    @Test
    void lessThanThreePositionsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EncodedReport.of(List.of(), 2))
                .withMessageContainingAll("maxLength", ">= 3", "was 2");
    }

    private EncodedReport encode(List<String> sentences, int length) {
        return EncodedReport.of(sentences.stream().map(tokenizer::tokenize).toList(), length);
    }

    private static List<Integer> ids(EncodedReport report) {
        return IntStream.range(0, report.length()).mapToObj(report::id).toList();
    }

    private static List<Integer> map(EncodedReport report) {
        return IntStream.range(0, report.length()).mapToObj(report::sentence).toList();
    }
}
