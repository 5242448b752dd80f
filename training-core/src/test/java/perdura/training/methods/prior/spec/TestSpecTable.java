package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import perdura.training.method.Methods;

/** The table of keys in docs/spec.md is what the codec prints. */
class TestSpecTable {
    @Test
    void theDocumentHasEveryKey() throws IOException {
        assertThat(Files.readString(Path.of("..", "docs", "spec.md")))
                .contains(Methods.load().specs().table(PriorSpec.NAME));
    }
}
