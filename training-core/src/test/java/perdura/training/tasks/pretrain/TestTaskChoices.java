package perdura.training.tasks.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.training.golden.ChoicesPage;
import perdura.training.tasks.Tasks;

/** The parameters of the methods' pages of choices are those of the tasks, with the defaults that stand there. */
class TestTaskChoices {
    @ParameterizedTest
    @CsvSource({"prior, 8", "sense, 2"})
    void everyParameterHasTheDefaultThatStandsThere(String method, int least) throws IOException {
        for (List<String> row : new ChoicesPage(method).parameters(least)) {
            String path = ChoicesPage.quoted(row.get(3)).get(0);
            ParameterSchema parameter = parameter(ChoicesPage.quoted(row.get(2)).get(0), path);
            String expected = ChoicesPage.quoted(row.get(4)).get(0);
            if (parameter.defaultValue() instanceof Number number) {
                assertThat(new BigDecimal(number.toString())).as(path).isEqualByComparingTo(expected);
            } else {
                assertThat(parameter.defaultValue()).as(path).isEqualTo(expected);
            }
            if (parameter.type() instanceof ParameterType.Word word) {
                assertThat(word.words()).as(path).contains(expected).containsAll(ChoicesPage.quoted(row.get(5)));
            }
        }
    }

    private static ParameterSchema parameter(String task, String path) {
        return Tasks.load().task(task).schema().parameters().stream()
                .filter(parameter -> parameter.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError(task + " has no parameter " + path));
    }
}
