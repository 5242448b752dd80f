package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.cli.words.Terminal;
import perdura.grids.spec.Advice;
import perdura.testkit.Repository;
import picocli.CommandLine;

/**
 * Commands that messages recommend. {@link TestVerbTable} follows those that are about a thing of the store, in the state in which they
 * are given; here each is one that the program takes, and none stands anywhere else.
 */
class TestAdvice {
    /** What MLflow is told as the source of a run; nobody is to give it. */
    private static final Set<String> SOURCES = Set.of("perdura sweep submit", "perdura pretrain");

    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|(?m:^\\s*//.*$)", Pattern.DOTALL);
    private static final Pattern HELP = Pattern.compile(
            "@(Command|Option|Parameters)\\((?:[^()\"]|\"(?:\\\\.|[^\"\\\\])*\"|\\((?:[^()\"]|\"(?:\\\\.|[^\"\\\\])*\")*\\))*\\)");
    private static final Pattern LITERAL = Pattern.compile("\"((?:\\\\.|[^\"\\\\\n])*)\"");
    private static final Pattern HELP_COMMAND = Pattern.compile("'perdura ([^']*)'");

    @TempDir
    private Path folder;

    private static CommandLine program() {
        return new Main(Terminal.ofProcess()).commandLine();
    }

    @ParameterizedTest
    @EnumSource
    void theProgramTakesEachOfThem(Advice advice) throws IOException {
        Path file = Files.writeString(folder.resolve("spec of mine.yaml"), "");
        String line = given(advice, file);
        List<String> words = PrintedCommand.words(line);
        assertThat(words.get(0)).isEqualTo("perdura");
        List<String> arguments = new ArrayList<>();
        words.subList(1, words.size())
                .forEach(word -> arguments.add(
                        switch (word) {
                            case "N" -> "3";
                            case "FILE", "PATH", "DIR" -> file.toString();
                            default -> word;
                        }));
        assertThatCode(() -> program().parseArgs(arguments.toArray(String[]::new)))
                .as(line)
                .doesNotThrowAnyException();
    }

    private static String given(Advice advice, Path file) {
        return switch (advice) {
            case UP,
                    UP_EMBEDDED,
                    GC,
                    DOWN,
                    STATUS,
                    DOCTOR,
                    WORKER,
                    RUNS_LIST,
                    SWEEP_LIST,
                    DATA_LIST,
                    MLFLOW_SYNC,
                    RETRY_PARKED -> advice.of();
            case PRETRAIN, DATA_INSPECT -> advice.of(file);
            case DATA_INGEST -> advice.of("mimic-cxr", file);
            case DATA_SYNTH -> advice.of("mimic-cxr");
            case DATA_SYNTH_THERE -> advice.of("mimic-cxr", file);
            case WEIGHTS_IMPORT -> advice.of(file, "mine");
            case FIGURE -> advice.of("run-1", 1);
            case FIGURES_OVER -> advice.of("sweep-1", "learningRate");
            default -> advice.of("name-1");
        };
    }

    @Test
    void aPathWithASpaceIsOneWord() {
        String line = Advice.PRETRAIN.of(Path.of("my spec.yaml"));
        assertThat(line).isEqualTo("perdura pretrain -f 'my spec.yaml'");
        assertThat(PrintedCommand.words(line)).containsExactly("perdura", "pretrain", "-f", "my spec.yaml");
        assertThatIllegalArgumentException().isThrownBy(Advice.PRETRAIN::of);
    }

    @Test
    void noMessageWritesACommandItself() throws IOException {
        Pattern command = Pattern.compile("(?:^|[^a-z.])perdura (?:"
                + String.join("|", program().getSubcommands().keySet()) + ")\\b");
        List<String> elsewhere = new ArrayList<>();
        for (Map.Entry<String, String> source : sources().entrySet()) {
            String text = HELP.matcher(COMMENT.matcher(source.getValue()).replaceAll(""))
                    .replaceAll("");
            for (Matcher literal = LITERAL.matcher(text); literal.find(); ) {
                String words = literal.group(1);
                if (command.matcher(words).find() && !SOURCES.contains(words)) {
                    elsewhere.add(source.getKey() + ": " + words);
                }
            }
        }
        assertThat(elsewhere).isEmpty();
    }

    @Test
    void theCommandsOfHelpTextsAreCommands() throws IOException {
        Set<String> unknown = new TreeSet<>();
        int seen = 0;
        for (Map.Entry<String, String> source : sources().entrySet()) {
            for (Matcher help = HELP.matcher(source.getValue()); help.find(); ) {
                for (Matcher named = HELP_COMMAND.matcher(help.group()); named.find(); seen++) {
                    CommandLine line = program();
                    for (String word : named.group(1).split(" ", -1)) {
                        CommandLine next = line.getSubcommands().get(word);
                        if (next == null && line.getSubcommands().size() > 0 && word.matches("[a-z]+")) {
                            unknown.add(source.getKey() + ": " + named.group());
                        }
                        line = next == null ? line : next;
                    }
                }
            }
        }
        assertThat(seen).isGreaterThan(5);
        assertThat(unknown).isEmpty();
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        Path root = Objects.requireNonNull(Repository.resolve("pom.xml").getParent());
        try (Stream<Path> modules = Files.list(root)) {
            for (Path main : modules.map(module -> module.resolve("src/main/java"))
                    .filter(main -> Files.isDirectory(main) && !main.startsWith(root.resolve("benchmarks")))
                    .toList()) {
                try (Stream<Path> files = Files.walk(main)) {
                    for (Path file : files.filter(one -> one.toString().endsWith(".java"))
                            .toList()) {
                        sources.put(root.relativize(file).toString(), Files.readString(file));
                    }
                }
            }
        }
        assertThat(sources).hasSizeGreaterThan(100);
        return sources;
    }
}
