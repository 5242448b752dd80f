package perdura.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.StreamSupport;

/** Tables of cases that are one JSON file. */
public final class GoldenCases {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private GoldenCases() {}

    /** @param name folder and name without an ending, for instance {@code sense/data_cases} */
    public static JsonNode read(String name) {
        try {
            return MAPPER.readTree(GoldenFolder.resolve(name + ".json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The elements of an array of integers. */
    public static int[] integers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    /** The elements of an array of texts. */
    public static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
