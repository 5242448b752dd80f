package perdura.datasets.split.chexpert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.Mentions.Mention;
import perdura.grids.spec.PerduraException;
import perdura.testkit.GoldenCases;

class TestChexpertGolden {
    private final GoldenChexpert golden = new GoldenChexpert();

    private static List<String> paths(ChexpertTable table, RowList rows) {
        return rows.stream().mapToObj(table.samples().ids()::get).toList();
    }

    @Test
    void labelsAreThoseOfTheReference() {
        assertThat(golden.cases().get("labels")).isNotEmpty();
        for (JsonNode c : golden.cases().get("labels")) {
            ChexpertFinding finding = Stream.of(ChexpertFinding.values())
                    .filter(f -> f.column().equals(c.get("name").asText()))
                    .findFirst()
                    .orElseThrow();
            Mention mention = Mention.parse(c.get("cell").asText()).orElseThrow();
            assertThat(ChexpertLabels.label(finding, mention))
                    .as(c.toString())
                    .isEqualTo(c.get("label").asInt());
        }
    }

    @Test
    void theSetAndBothPartsAreThoseOfTheReference() {
        int perClass = golden.cases().get("perClass").asInt();
        JsonNode expected = golden.cases().get("expected");
        if (golden.cases()
                        .get("rows")
                        .valueStream()
                        .map(row -> row.get(0))
                        .distinct()
                        .count()
                < golden.cases().get("rows").size()) {
            // random patients may coincide; the reference splits such rows, we refuse an image with two of them
            assertThatThrownBy(() -> golden.table(0)).isInstanceOf(PerduraException.class);
            return;
        }
        if (expected.get("zeroShot").valueStream().anyMatch(paths -> paths.size() < perClass)) {
            // the reference takes what there is; we refuse
            assertThatThrownBy(() -> FiveByTwoHundred.drawnByLegacy("5x200", golden.table(0), perClass))
                    .isInstanceOf(PerduraException.class);
            return;
        }
        for (long orderSeed = 0; orderSeed < 2; orderSeed++) {
            ChexpertTable table = golden.table(orderSeed);
            Split set = FiveByTwoHundred.drawnByLegacy("5x200", table, perClass);
            assertThat(set.parts().keySet())
                    .containsExactly("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion");
            expected.get("zeroShot")
                    .properties()
                    .forEach(part -> assertThat(paths(table, set.rows(part.getKey())))
                            .isEqualTo(GoldenCases.texts(part.getValue())));
            Split split = ChexpertSplits.gloria(
                    "gloria", table, set, golden.cases().get("validation").asInt());
            assertThat(paths(table, split.rows("validation"))).isEqualTo(GoldenCases.texts(expected.get("validation")));
            assertThat(paths(table, split.rows("train"))).isEqualTo(GoldenCases.texts(expected.get("train")));
            assertThat(paths(table, split.rows("test"))).containsExactly("valid/patient64541/study1/view1_frontal.jpg");
        }
    }
}
