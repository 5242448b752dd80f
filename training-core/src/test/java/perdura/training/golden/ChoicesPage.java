package perdura.training.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import perdura.testkit.Repository;

/** The tables of a method's page of choices, {@code docs/<method>-choices.md}. */
public record ChoicesPage(String method) {
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    /**
     * Of the table of keys: section, what, key, default, other values.
     *
     * @param least the table must have more rows than that
     */
    public List<List<String>> keys(int least) throws IOException {
        return rows("## Keys of a spec", "## Parameters of a task", least, 5);
    }

    /**
     * Of the table of parameters: section, what, task, parameter, default, other values.
     *
     * @param least the table must have more rows than that
     */
    public List<List<String>> parameters(int least) throws IOException {
        return rows("## Parameters of a task", "## No switches", least, 6);
    }

    private List<List<String>> rows(String from, String until, int least, int columns) throws IOException {
        List<List<String>> rows = Files.readString(Repository.resolve("docs/" + method + "-choices.md"))
                .transform(page -> page.substring(page.indexOf(from), page.indexOf(until)))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| " + method + ".md"))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();
        assertThat(rows).hasSizeGreaterThan(least).allMatch(row -> row.size() == columns);
        return rows;
    }

    /** What stands in backticks in a cell. */
    public static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }
}
