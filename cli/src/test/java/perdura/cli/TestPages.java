package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.cli.Page.Block;
import perdura.cli.words.Terminal;
import perdura.grids.read.ReadyGrids;

/** What the pages print can be given: commands of the program with flags that it has, grids that are there, code that compiles. */
class TestPages {
    private static final Pattern COMMAND =
            Pattern.compile("(?:^|[ (])perdura ((?:\"[^\"]*\"|'[^']*'|[^\"'#)\\n])*)", Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("(?:\"[^\"]*\"|'[^']*'|[^\\s\"']+)+");
    private static final Map<String, String> VARIABLES = Map.of("SET", "rsna", "DIFFICULTY", "0.5");

    static List<Page> pages() throws IOException {
        return Page.all();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyBlockSaysWhatItIs(Page page) {
        assertThat(page.blocks())
                .as(page.name())
                .allSatisfy(block -> assertThat(block.language()).isIn("sh", "text", "yaml", "java"))
                .allSatisfy(block -> assertThat(block.language().equals("text")
                                && block.text().lines().anyMatch(line -> line.startsWith("perdura ")))
                        .as("commands are in blocks of sh: " + block.text())
                        .isFalse());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aPrintedCommandCanBeGiven(Page page) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        for (List<String> command : commands(page)) {
            Main main = new Main(new Terminal(nowhere, nowhere, Map.of(), false));
            assertThatCode(() -> main.commandLine().parseArgs(command.toArray(String[]::new)))
                    .as(page.name() + ": " + command)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aPrintedGridIsThere() throws IOException {
        List<String> grids = new ArrayList<>();
        for (Page page : Page.all()) {
            for (List<String> command : commands(page)) {
                int at = command.indexOf("--grid");
                if (at >= 0) {
                    grids.add(command.get(at + 1));
                }
            }
        }
        assertThat(grids).isNotEmpty().isSubsetOf(ReadyGrids.names());
    }

    @Test
    void printedFilesOfCodeCompile(@TempDir Path folder) throws IOException {
        int files = 0;
        for (Page page : Page.all()) {
            for (Block block : page.blocks()) {
                if (block.file().endsWith(".java")) {
                    Path file = Files.writeString(folder.resolve(block.file()), block.text());
                    ByteArrayOutputStream errors = new ByteArrayOutputStream();
                    int status = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler())
                            .run(null, errors, errors, "-proc:none", "-d", folder.toString(), file.toString());
                    assertThat(status)
                            .as(page.name() + ": " + errors.toString(StandardCharsets.UTF_8))
                            .isZero();
                    files++;
                }
            }
        }
        assertThat(files).isPositive();
    }

    private static List<List<String>> commands(Page page) {
        List<List<String>> commands = new ArrayList<>();
        for (Block block : page.blocks()) {
            if (block.language().equals("sh")) {
                Matcher command = COMMAND.matcher(block.text());
                while (command.find()) {
                    commands.add(words(command.group(1)));
                }
            }
        }
        return commands;
    }

    /** A command's words, where a variable has a value that could be its. */
    private static List<String> words(String command) {
        return WORD.matcher(command)
                .results()
                .map(word -> word.group().replaceAll("[\"']", ""))
                .map(word -> Pattern.compile("\\$(\\w+)")
                        .matcher(word)
                        .replaceAll(variable -> VARIABLES.getOrDefault(variable.group(1), "name-1")))
                .toList();
    }
}
