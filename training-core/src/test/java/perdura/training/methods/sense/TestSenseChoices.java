package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.codec.Leaf;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.PretrainSpec;
import perdura.testkit.Repository;
import perdura.training.method.Methods;
import perdura.training.methods.sense.spec.SenseSchema;

/** The keys of docs/sense-choices.md are keys of a spec, with the defaults that stand there, and no switch of SENSE is missing. */
class TestSenseChoices {
    private static final PretrainSpecs SPECS = Methods.load().specs();
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    /** Sizes that the networks of the sources have: nothing is chosen. */
    private static final Set<String> SIZES = Set.of(
            "model.imageSize",
            "model.resnetBlock",
            "model.resnetBlocks",
            "model.resnetWidth",
            "model.bertHidden",
            "model.bertLayers",
            "model.bertHeads",
            "model.bertFfn",
            "model.bertPositions",
            "model.dropout",
            "clusters.memoryMib");

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void writeSpec() throws IOException {
        file = Files.writeString(
                folder.resolve("spec.yaml"),
                "apiVersion: perdura/v1\nkind: Pretrain\nname: a\nmethod: sense\nprofile: paper\ndata: {dataset: b}\n");
    }

    @Test
    void everyDefaultWrittenOutIsTheSameSpec() throws IOException {
        for (List<String> row : rows()) {
            assertThat(read(List.of(key(row) + "=" + quoted(row.get(3)).get(0))))
                    .as(row.get(2))
                    .isEqualTo(read(List.of()));
        }
    }

    @Test
    void everyOtherWordIsAnotherRun() throws IOException {
        String identity = SPECS.identity(read(List.of()));
        for (List<String> row : rows()) {
            for (String word : quoted(row.get(4))) {
                if (Pattern.matches("[a-z-]+", word) && !word.equals("epochs")) {
                    assertThat(SPECS.identity(read(List.of(key(row) + "=" + word))))
                            .as(row.get(2) + "=" + word)
                            .isNotEqualTo(identity);
                }
            }
        }
    }

    @Test
    void everyKeyOfTheMethodIsThere() throws IOException {
        Set<String> missing = new TreeSet<>();
        Leaf.all(SenseSchema.SCHEMA.codec()).forEach(leaf -> missing.add(leaf.dotted()));
        missing.removeAll(SIZES);
        rows().forEach(row -> missing.remove(key(row)));
        assertThat(missing).isEmpty();
    }

    private PretrainSpec read(List<String> settings) {
        return SPECS.read(file, settings);
    }

    private static String key(List<String> row) {
        return quoted(row.get(2)).get(0);
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    /** Of the table of keys: section, what, key, default, other values. */
    private static List<List<String>> rows() throws IOException {
        List<List<String>> rows = Files.readString(Repository.resolve("docs/sense-choices.md"))
                .transform(page ->
                        page.substring(page.indexOf("## Keys of a spec"), page.indexOf("## Parameters of a task")))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| sense.md"))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();
        assertThat(rows).hasSizeGreaterThan(40).allMatch(row -> row.size() == 5);
        return rows;
    }
}
