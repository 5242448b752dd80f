package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.PretrainSpec;
import perdura.training.golden.ChoicesPage;
import perdura.training.method.Methods;

/** The keys of docs/prior-choices.md are keys of a spec, with the defaults that stand there. */
class TestPriorChoices {
    private static final ChoicesPage PAGE = new ChoicesPage("prior");
    private static final PretrainSpecs SPECS = Methods.load().specs();

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
        for (List<String> row : PAGE.keys(30)) {
            PretrainSpec written = read(settings(row.get(2), ChoicesPage.quoted(row.get(3))));
            assertThat(written).as(row.get(2)).isEqualTo(read(List.of()));
        }
    }

    @Test
    void everyOtherWordIsAnotherRun() throws IOException {
        String identity = SPECS.identity(read(List.of()));
        for (List<String> row : PAGE.keys(30)) {
            for (String word : ChoicesPage.quoted(row.get(4))) {
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
        String key = ChoicesPage.quoted(quotedKey).get(0);
        List<String> settings = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String path = key.startsWith("stages.") ? "stages." + i + key.substring("stages".length()) : key;
            settings.add(path + "=" + values.get(i));
        }
        return settings;
    }
}
