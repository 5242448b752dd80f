package perdura.toy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code on docs/methods/your-own.md is that of this module. */
class TestYourOwnMethodPage {
    private static final Pattern BLOCK = Pattern.compile("```(?:java|yaml)\n(.*?)```", Pattern.DOTALL);

    @Test
    void everyBlockStandsInTheModule() throws IOException {
        String sources;
        try (Stream<Path> files = Files.walk(module().resolve("src/main"))) {
            List<String> all = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.add(Files.readString(file));
            }
            sources = all.stream().map(TestYourOwnMethodPage::words).collect(Collectors.joining("\n"));
        }
        Matcher block = BLOCK.matcher(Files.readString(module().resolve("../docs/methods/your-own.md")));
        int blocks = 0;
        while (block.find()) {
            assertThat(sources).contains(words(block.group(1)));
            blocks++;
        }
        assertThat(blocks).isGreaterThan(5);
    }

    /** However the lines are broken. */
    private static String words(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private static Path module() {
        return Files.isDirectory(Path.of("src/main/java/perdura/toy")) ? Path.of("") : Path.of("toy-method");
    }
}
