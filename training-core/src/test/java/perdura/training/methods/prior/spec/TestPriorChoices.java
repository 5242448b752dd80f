package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.PretrainSpec;
import perdura.testkit.Repository;
import perdura.training.method.Methods;

/** The keys of docs/prior-choices.md are keys of a spec, with the defaults that stand there. */
class TestPriorChoices {
    private static final PretrainSpecs SPECS = Methods.load().specs();
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void writeSpec() throws IOException {
        file = Files.writeString(
                folder.resolve("spec.yaml"),
                "apiVersion: perdura/v1\nkind: Pretrain\nname: a\nmethod: prior\nprofile: paper\ndata: {dataset: b}\n");
    }

    @Test
    void everyDefaultWrittenOutIsTheSameSpec() throws IOException {
        for (List<String> row : rows()) {
            PretrainSpec written = read(settings(row.get(2), quoted(row.get(3))));
            assertThat(written).as(row.get(2)).isEqualTo(read(List.of()));
        }
    }

    @Test
    void everyOtherWordIsAnotherRun() throws IOException {
        String identity = SPECS.identity(read(List.of()));
        for (List<String> row : rows()) {
            for (String word : quoted(row.get(4))) {
                if (word.indexOf('.') < 0) {
                    assertThat(SPECS.identity(read(settings(row.get(2), List.of(word)))))
                            .as(row.get(2) + "=" + word)
                            .isNotEqualTo(identity);
                }
            }
        }
    }

    private PretrainSpec read(List<String> settings) {
        return SPECS.read(file, settings);
    }

    /** A key of the stages has a value for each. */
    private static List<String> settings(String quotedKey, List<String> values) {
        String key = quoted(quotedKey).get(0);
        List<String> settings = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String path = key.startsWith("stages.") ? "stages." + i + key.substring("stages".length()) : key;
            settings.add(path + "=" + values.get(i));
        }
        return settings;
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    /** Of the table of keys: section, what, key, default, other values. */
    private static List<List<String>> rows() throws IOException {
        List<List<String>> rows = Files.readString(Repository.resolve("docs/prior-choices.md"))
                .transform(page ->
                        page.substring(page.indexOf("## Keys of a spec"), page.indexOf("## Parameters of a task")))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| prior.md"))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();
        assertThat(rows).hasSizeGreaterThan(30).allMatch(row -> row.size() == 5);
        return rows;
    }
}
