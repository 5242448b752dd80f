package perdura.training.tasks.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.testkit.Repository;
import perdura.training.tasks.Task;
import perdura.training.tasks.classify.SupervisedClassificationTask;
import perdura.training.tasks.pair.RetrievalTask;
import perdura.training.tasks.pair.ZeroShotTask;

/** The parameters of docs/prior-choices.md are those of the tasks, with the defaults that stand there. */
class TestPriorChoices {
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final List<Task> TASKS =
            List.of(new SupervisedClassificationTask(), new ZeroShotTask(), new RetrievalTask());

    @Test
    void everyParameterHasTheDefaultThatStandsThere() throws IOException {
        for (List<String> row : rows()) {
            String path = quoted(row.get(3)).get(0);
            ParameterSchema parameter = parameter(quoted(row.get(2)).get(0), path);
            String expected = quoted(row.get(4)).get(0);
            if (parameter.defaultValue() instanceof Number number) {
                assertThat(new BigDecimal(number.toString())).as(path).isEqualByComparingTo(expected);
            } else {
                assertThat(parameter.defaultValue()).as(path).isEqualTo(expected);
            }
            if (parameter.type() instanceof ParameterType.Word word) {
                assertThat(word.words()).as(path).contains(expected).containsAll(quoted(row.get(5)));
            }
        }
    }

    private static ParameterSchema parameter(String task, String path) {
        return TASKS.stream()
                .filter(known -> known.schema().name().equals(task))
                .flatMap(known -> known.schema().parameters().stream())
                .filter(parameter -> parameter.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError(task + " has no parameter " + path));
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    /** Of the table of parameters: section, what, task, parameter, default, other values. */
    private static List<List<String>> rows() throws IOException {
        List<List<String>> rows = Files.readString(Repository.resolve("docs/prior-choices.md"))
                .transform(
                        page -> page.substring(page.indexOf("## Parameters of a task"), page.indexOf("## No switches")))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| prior.md"))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();
        assertThat(rows).hasSizeGreaterThan(8).allMatch(row -> row.size() == 6);
        return rows;
    }
}
