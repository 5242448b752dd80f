package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import perdura.testkit.Repository;

/** The platform trains the example of docs/methods/your-own.md without knowing it. */
class TestUnnamedMethod {
    private static final Pattern NAME = Pattern.compile("\\btoy", Pattern.CASE_INSENSITIVE);

    @Test
    void noFileOfThePlatformNamesIt() throws IOException {
        Path root = Repository.resolve("");
        List<String> naming = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root.toAbsolutePath().normalize())) {
            for (Path module : modules.filter(each -> Files.isDirectory(each.resolve("src/main")))
                    .filter(each -> !each.endsWith("toy-method"))
                    .toList()) {
                try (Stream<Path> files = Files.walk(module.resolve("src/main"))) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        if (namesToy(file)) {
                            naming.add(String.valueOf(file));
                        }
                    }
                }
            }
        }
        assertThat(root.resolve("toy-method/src/main")).isDirectory();
        assertThat(naming).isEmpty();
    }

    private static boolean namesToy(Path file) throws IOException {
        return NAME.matcher(Files.readString(file, StandardCharsets.ISO_8859_1)).find();
    }
}
