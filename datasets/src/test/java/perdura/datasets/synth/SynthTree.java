package perdura.datasets.synth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What tests look at in a written data set. */
final class SynthTree {
    private SynthTree() {}

    /** A data set of a number of patients, with the defaults of its layout. */
    static SynthConfig config(SynthConfig.Format format, int patients, long seed) {
        return SynthConfig.standard(format, new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, patients), seed);
    }

    /** The bytes of every file, by path. */
    static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(root.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    static List<JsonNode> truth(Path root) throws IOException {
        List<JsonNode> truth = new ArrayList<>();
        for (String line : Files.readAllLines(root.resolve(SyntheticSet.TRUTH))) {
            truth.add(new ObjectMapper().readTree(line));
        }
        return truth;
    }

    /** The rows of a table, the header first. No field of the tables holds a comma. */
    static List<List<String>> rows(Path table) throws IOException {
        return Files.readAllLines(table).stream()
                .map(line -> List.of(line.split(",", -1)))
                .toList();
    }
}
