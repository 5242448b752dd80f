package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.cli.words.Terminal;
import perdura.grids.read.ReadyGrids;
import perdura.testkit.Repository;

/** The commands that pages about figures and tasks print are commands of the program, with flags that it has. */
class TestPrintedCommands {
    private static final Pattern BLOCK = Pattern.compile("```\\w*\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    @ParameterizedTest
    @ValueSource(strings = {"figures.md", "papers.md", "tasks.md", "zero-shot.md"})
    void aPrintedCommandCanBeGiven(String page) throws IOException {
        List<List<String>> commands = commands(page);
        assertThat(commands).isNotEmpty();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        for (List<String> command : commands) {
            Main main = new Main(new Terminal(nowhere, nowhere, Map.of(), false));
            assertThatCode(() -> main.commandLine().parseArgs(command.toArray(String[]::new)))
                    .as(page + ": " + command)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aPrintedGridIsThere() throws IOException {
        List<String> grids = new ArrayList<>();
        for (String page : List.of("figures.md", "papers.md", "tasks.md", "zero-shot.md")) {
            List<String> ofPage = new ArrayList<>();
            for (List<String> command : commands(page)) {
                int at = command.indexOf("--grid");
                if (at >= 0) {
                    ofPage.add(command.get(at + 1));
                }
            }
            assertThat(ofPage).as(page).isNotEmpty();
            grids.addAll(ofPage);
        }
        assertThat(grids).isSubsetOf(ReadyGrids.names());
    }

    private static List<List<String>> commands(String page) throws IOException {
        List<List<String>> commands = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(Repository.resolve("docs/" + page)));
        while (block.find()) {
            for (String line : block.group(1).lines().toList()) {
                if (line.startsWith("perdura ")) {
                    commands.add(words(line.replaceFirst("\\s+#.*", "").substring("perdura ".length())));
                }
            }
        }
        return commands;
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            String text = word.group(1) == null ? word.group(2) : word.group(1);
            words.add(text.matches("[A-Z]+") ? "name-1" : text); // RUN, SWEEP, ...
        }
        return words;
    }
}
