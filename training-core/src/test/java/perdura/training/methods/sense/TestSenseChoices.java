package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.codec.Leaf;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.PretrainSpec;
import perdura.training.golden.ChoicesPage;
import perdura.training.method.Methods;
import perdura.training.methods.sense.spec.SenseSchema;

/** The keys of docs/sense-choices.md are keys of a spec, with the defaults that stand there, and no switch of SENSE is missing. */
class TestSenseChoices {
    private static final ChoicesPage PAGE = new ChoicesPage("sense");
    private static final PretrainSpecs SPECS = Methods.load().specs();

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
        for (List<String> row : PAGE.keys(40)) {
            assertThat(read(List.of(
                            key(row) + "=" + ChoicesPage.quoted(row.get(3)).get(0))))
                    .as(row.get(2))
                    .isEqualTo(read(List.of()));
        }
    }

    @Test
    void everyOtherWordIsAnotherRun() throws IOException {
        String identity = SPECS.identity(read(List.of()));
        for (List<String> row : PAGE.keys(40)) {
            for (String word : ChoicesPage.quoted(row.get(4))) {
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
        PAGE.keys(40).forEach(row -> missing.remove(key(row)));
        assertThat(missing).isEmpty();
    }

    private PretrainSpec read(List<String> settings) {
        return SPECS.read(file, settings);
    }

    private static String key(List<String> row) {
        return ChoicesPage.quoted(row.get(2)).get(0);
    }
}
