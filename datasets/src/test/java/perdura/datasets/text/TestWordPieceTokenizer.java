package perdura.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import perdura.testkit.Repository;

/** Held against what Hugging Face's tokeniser said ({@code make_wordpiece.py}). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestWordPieceTokenizer {
    private JsonNode said;
    private WordPieceTokenizer tokenizer;

    @BeforeAll
    void read(@TempDir Path folder) throws IOException {
        try (InputStream file = getClass().getResourceAsStream("wordpiece.json")) {
            said = new ObjectMapper().readTree(Objects.requireNonNull(file));
        }
        Path vocabulary = folder.resolve("vocab.txt");
        Files.write(vocabulary, TextCases.texts(said.get("vocabulary")));
        tokenizer = new WordPieceTokenizer(Vocabulary.read(vocabulary));
    }

    @Test
    void oddTextsHaveThePiecesOfHuggingFace() {
        List<String> others = new ArrayList<>();
        List<JsonNode> cases = TextCases.list(said.get("cases"));
        for (JsonNode odd : cases) {
            String text = odd.get(0).asText();
            int[] wanted = TextCases.list(odd.get(1)).stream()
                    .mapToInt(JsonNode::asInt)
                    .toArray();
            int[] pieces = tokenizer.tokenize(text);
            if (!Arrays.equals(pieces, wanted)) {
                others.add(escaped(text) + ": " + Arrays.toString(pieces) + ", wanted " + Arrays.toString(wanted));
            }
        }
        assertThat(cases).hasSizeGreaterThan(2000);
        assertThat(others).isEmpty();
    }

    @Test
    void wordsOfATextAreThoseOfItsPartsBetweenBlanks() {
        List<String> parts = TextCases.list(said.get("cases")).stream()
                .map(odd -> odd.get(0).asText())
                .toList();
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            String left = parts.get(random.nextInt(parts.size()));
            String right = parts.get(random.nextInt(parts.size()));
            assertThat(tokenizer.tokenize(left + " " + right))
                    .as(escaped(left + " " + right))
                    .containsExactly(IntStream.concat(
                                    IntStream.of(tokenizer.tokenize(left)), IntStream.of(tokenizer.tokenize(right)))
                            .toArray());
        }
    }

    /** The vocabulary holds their pieces, and the ideographs as one word too. */
    @Test
    void oddCharactersHaveThePiecesOfHuggingFace(@TempDir Path folder) throws IOException {
        List<JsonNode> cases = TextCases.list(new ObjectMapper()
                .readTree(Repository.resolve("reference/cases/text/wordpiece.json")
                        .toFile()));
        List<String> lines =
                new ArrayList<>(TextCases.texts(said.get("vocabulary")).subList(0, 104));
        lines.addAll(List.of("\u4e2d\u6587\u5b57", "##\u03c2"));
        cases.stream()
                .flatMap(odd -> TextCases.texts(odd.get("pieces")).stream())
                .distinct()
                .filter(piece -> !lines.contains(piece))
                .forEach(lines::add);
        Path vocabulary = Files.write(folder.resolve("vocab.txt"), lines);
        WordPieceTokenizer own = new WordPieceTokenizer(Vocabulary.read(vocabulary));

        assertThat(cases)
                .isNotEmpty()
                .allSatisfy(odd -> assertThat(
                                IntStream.of(own.tokenize(odd.get("input").asText()))
                                        .mapToObj(lines::get))
                        .as(odd.get("what").asText())
                        .isEqualTo(TextCases.texts(odd.get("pieces"))));
    }

    @Test
    void halfASurrogatePairIsLeftOut() {
        assertThat(tokenizer.tokenize("lu\uD83Dng")).containsExactly(tokenizer.tokenize("lung"));
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append(c > ' ' && c < 0x7F ? "" + (char) c : "\\u%04x".formatted(c)));
        return out.toString();
    }
}
