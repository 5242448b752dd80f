package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.cli.words.Terminal;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunStatus;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;

/** The page of a paper, from a real Postgres. */
class TestPaperCommand {
    private static final Pattern PRE = Pattern.compile("<pre><code>(.*?)</code></pre>", Pattern.DOTALL);

    @TempDir
    private static Path shared;

    private static FreshDatabase postgres;
    private static Database database;

    @TempDir
    private Path folder;

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());

    /** A pre-training by PRIOR that is finished, and probes of an encoder at random: two of three seeds of each fraction. */
    @BeforeAll
    static void fill() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        new Runs(database)
                .finishRun(new StoredPretraining(database, shared).run("stored-1", 3), RunStatus.FINISHED, null, null);
        new StoredSample(database, "sense-linear-probe").run();
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
        postgres.close();
    }

    private int run(String... arguments) {
        terminal = RecordingTerminal.on(postgres.jdbcUrl(), folder);
        return terminal.run(arguments);
    }

    private String page(String... arguments) throws IOException {
        Path file = folder.resolve("page.html");
        List<String> all = new ArrayList<>(List.of("report", "paper"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--out", file.toString()));
        assertThat(run(all.toArray(String[]::new))).as(terminal.err()).isZero();
        assertThat(terminal.out().strip()).isEqualTo(file.toString());
        String text = Files.readString(file);
        return text.substring(text.indexOf("<main>"));
    }

    /** The lines of a table's row that begins with these cells. */
    private static String row(String page, String... cells) {
        StringBuilder start = new StringBuilder("<tr>");
        for (String cell : cells) {
            start.append("<td>").append(cell).append("</td>");
        }
        int at = page.indexOf(start.toString());
        assertThat(at).as(start.toString()).isNotNegative();
        return page.substring(at, page.indexOf("</tr>", at));
    }

    @Test
    void aCellHasOurMeanItsRunsAndWhatIsLacking() throws IOException {
        String page = page("sense");
        assertThat(row(page, "rsna", "0.01"))
                .contains("<b>60.50</b><small> \u00b1 0.71</small></a><small> n 2 of 3")
                .contains("<a href=\"#linear-probe-3-random\">");
        assertThat(row(page, "rsna", "1")).doesNotContain("<b>");
        assertThat(page)
                .contains(
                        "<details id=\"linear-probe-3-random\"><summary>dataset rsna, fraction 0.01, encoder random encoder")
                .containsPattern("perdura runs show linear-probe-[0-9a-f]{12}")
                .contains("sweep sense-linear-probe-1", "task linear-probe, version 1")
                .contains("perdura sweep submit --grid sense-linear-probe\n");
    }

    /** sense.md 6 and prior.md 6: the published numbers that are verified, and no others. */
    @Test
    void onlyVerifiedNumbersOfThePapersStandOnTheirPages() throws IOException {
        String sense = page("sense");
        assertThat(row(sense, "false")).contains("<td>17.10</td>", "<td>43.20</td>", "<td>53.80</td>");
        assertThat(row(sense, "true")).contains("<td>19.50</td>", "<td>45.10</td>", "<td>57.30</td>");
        assertThat(sense.split("<td>[0-9]+\\.[0-9]{2}(?: .{1,3} [0-9.]+)?</td>", -1))
                .as("six of Table S1 and three of them again as retrieval, our four runs, and three fractions of 0.01")
                .hasSize(1 + 6 + 3 + 4 + 3);
        String prior = page("prior");
        assertThat(row(prior, "chexpert", "0.01")).contains("<td>86.16 \u00b1 0.64</td>");
        assertThat(row(prior, "softmax")).contains("<td>86.01 \u00b1 0.68</td>");
    }

    @Test
    void figuresAreDrawnFromTheNewestFinishedPretraining() throws IOException {
        String page = page("prior");
        assertThat(page)
                .contains("stored-1, profile tiny")
                .contains("perdura sweep submit --grid prior-table-1 --set base.encoder=stored-1")
                .contains("perdura figures stored-1 --only 5")
                .doesNotContain("perdura pretrain");
        assertThat(page.split("<img ", -1)).hasSizeGreaterThan(5);
        assertThat(page)
                .contains("data:image/svg+xml;base64,", "data:image/png;base64,")
                .doesNotContain("http");
        assertThat(page).as("twice the same").isEqualTo(page("prior"));
    }

    @Test
    void aMethodWithoutAPretrainingSaysHowToMakeOne() throws IOException {
        String page = page("sense", "--small");
        assertThat(page)
                .contains("perdura pretrain -f sense.yaml", "profile: small", "--set base.encoder=RUN")
                .contains("perdura sweep submit --grid sense-queue-length-small")
                .contains("perdura figures RUN --only 1");
        assertThat(page).isEqualTo(page("sense", "--small"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"prior", "sense"})
    void everyCommandOnThePageCanBeGiven(String method) throws IOException {
        List<String> commands = new ArrayList<>();
        for (String page : List.of(page(method), page(method, "--small"))) {
            Matcher pre = PRE.matcher(page);
            while (pre.find()) {
                pre.group(1).lines().filter(line -> line.startsWith("perdura ")).forEach(commands::add);
            }
        }
        assertThat(commands).hasSizeGreaterThan(8);
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        for (String command : commands) {
            String[] words = command.replace("RUN", "run-1")
                    .substring("perdura ".length())
                    .split(" ", -1);
            Main main = new Main(new Terminal(nowhere, nowhere, Map.of(), false));
            assertThatCode(() -> main.commandLine().parseArgs(words))
                    .as(command)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void whatHasNoPageIsRefused() {
        assertThat(run("report", "paper", "pror")).isEqualTo(2);
        assertThat(terminal.err()).contains("there is no method 'pror'; did you mean 'prior'?");
        assertThat(run("report")).isEqualTo(2);
        assertThat(terminal.err()).contains("give a SWEEP, or 'paper' and a method");
        assertThat(run("report", "paper", "sense", "--run", "stored-1")).isEqualTo(2);
        assertThat(terminal.err()).contains("run stored-1 is no pre-training by sense");
    }
}
