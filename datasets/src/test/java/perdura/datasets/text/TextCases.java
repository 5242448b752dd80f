package perdura.datasets.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import perdura.testkit.GoldenFolder;

/** The golden cases of the text rules. */
final class TextCases {
    private TextCases() {}

    static List<JsonNode> of(String part) throws IOException {
        return list(read().get(part));
    }

    /** Writes the stub vocabulary as a file; ids without a piece become unused ones. */
    static Vocabulary vocabulary(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        read().get("vocabulary").properties().forEach(entry -> {
            while (lines.size() <= entry.getValue().asInt()) {
                lines.add("[unused" + lines.size() + "]");
            }
            lines.set(entry.getValue().asInt(), entry.getKey());
        });
        Path file = folder.resolve("vocab.txt");
        Files.write(file, lines);
        return Vocabulary.read(file);
    }

    static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    static List<String> texts(JsonNode array) {
        return list(array).stream().map(JsonNode::asText).toList();
    }

    static List<Integer> numbers(JsonNode array) {
        return list(array).stream().map(JsonNode::asInt).toList();
    }

    private static JsonNode read() throws IOException {
        Path file = GoldenFolder.resolve("prior/text_cases.json");
        return new ObjectMapper().readTree(file.toFile());
    }
}
