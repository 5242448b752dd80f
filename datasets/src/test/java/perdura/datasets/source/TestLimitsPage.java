package perdura.datasets.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ReadLimit;
import perdura.testkit.Repository;

class TestLimitsPage {
    @Test
    void thePageListsEveryLimitAsItIs() throws IOException {
        assertThat(Files.readString(Repository.resolve("docs/limits.md"))).contains(table());
    }

    private static String table() {
        return Arrays.stream(ReadLimit.values())
                .map(limit -> String.format(
                        Locale.ROOT, "| `%s` | %,d | %s |\n", limit.variable(), limit.standard(), limit.what()))
                .collect(Collectors.joining());
    }
}
