package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.PretrainSpec;
import perdura.training.method.Methods;

class TestPretrainKey {
    private static final PretrainSpecs SPECS = Methods.load().specs();
    private static final String DATA = "d".repeat(64);

    @TempDir
    private Path folder;

    @Test
    void onlyWhatDecidesTheWeightsIsPartOfIt() throws IOException {
        String key = key("name: one");

        assertThat(
                        key(
                                "name: two\nexperiment: other\ncommit: {every: 5s}\nresources: {device: cpu}\nvalidation: {pairs: 0}"))
                .isEqualTo(key);
        assertThat(key("name: one\nseed: 99")).isNotEqualTo(key);
        assertThat(key("name: one\nbatchSize: 8")).isNotEqualTo(key);
        assertThat(SPECS.identity(spec("name: one"), "e".repeat(64), "pytorch-1"))
                .isNotEqualTo(key);
        assertThat(SPECS.identity(spec("name: one"), DATA, "pytorch-2")).isNotEqualTo(key);
    }

    /** Runs are found by it: it must not change by accident. */
    @Test
    void theKeyOfTheTinyDefaultsIsPinned() throws IOException {
        assertThat(key("name: one")).isEqualTo("915f219e3e2483ebba8f3b8e34263ce4758fc2f3c54db6107f71cc2161a61fef");
    }

    private String key(String lines) throws IOException {
        return SPECS.identity(spec(lines), DATA, "pytorch-1");
    }

    private PretrainSpec spec(String lines) throws IOException {
        return SPECS.read(
                Files.writeString(
                        folder.resolve("spec.yaml"),
                        "apiVersion: perdura/v1\nkind: Pretrain\nmethod: prior\nprofile: tiny\ndata: {dataset: mimic}\n"
                                + lines),
                List.of());
    }
}
