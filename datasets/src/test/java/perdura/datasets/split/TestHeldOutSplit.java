package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.PerduraException;
import perdura.testkit.GoldenCases;

class TestHeldOutSplit {
    private static Split split(int n, long seed) {
        Samples samples = SplitCases.numbered(n);
        return HeldOutSplit.of("s", samples, samples.rows(), seed);
    }

    @Test
    void partsAreThoseOfTheReference() {
        JsonNode cases = GoldenCases.read("sense/data_cases").get("splits");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            Split split = split(c.get("n").asInt(), 0);
            for (String part : List.of("train", "validation", "test")) {
                JsonNode expected = c.get(part);
                RowList rows = split.rows(part);
                assertThat(rows.size()).isEqualTo(expected.get("size").asInt());
                assertThat(rows.stream().asLongStream().sum())
                        .isEqualTo(expected.get("sum").asLong());
                assertThat(rows.toArray()).startsWith(GoldenCases.integers(expected.get("first")));
                if (expected.has("all")) {
                    assertThat(rows.toArray()).containsExactly(GoldenCases.integers(expected.get("all")));
                }
            }
        }
    }

    @Test
    void partsAreThoseOfScikitLearn() {
        for (JsonNode c : SplitCases.read("held_out")) {
            Split split = split(c.get("n").asInt(), c.get("seed").asLong());
            c.get("parts").properties().forEach(part -> {
                assertThat(split.rows(part.getKey()).size())
                        .isEqualTo(part.getValue().get("size").asInt());
                assertThat(SplitCases.digest(split.rows(part.getKey())))
                        .isEqualTo(part.getValue().get("sha256").asText());
            });
        }
    }

    @Test
    void rsnaIsSplitAsTheSpecificationSays() {
        Split rsna = split(26_684, 0);
        assertThat(rsna.rows("train").toArray()).hasSize(18_678).startsWith(7729, 18294, 1437);
        assertThat(rsna.rows("validation").toArray()).hasSize(4_003).startsWith(13610, 15308, 13503);
        assertThat(rsna.rows("test").toArray()).hasSize(4_003).startsWith(25106, 18356, 8000);
        assertThat(rsna.rows("train").stream().sum()).isEqualTo(248_844_174);
        assertThat(rsna.rows("validation").stream().sum()).isEqualTo(53_546_130);
        assertThat(rsna.rows("test").stream().sum()).isEqualTo(53_614_282);
    }

    @Test
    void theOrderOfTheTableChangesNoPart() {
        List<String> ids = new ArrayList<>(SplitCases.numbered(101).ids());
        Samples ascending = Samples.withoutPatients(ids);
        Collections.shuffle(ids, new Random(4));
        Samples shuffled = Samples.withoutPatients(ids);
        assertThat(HeldOutSplit.of("s", shuffled, shuffled.rows(), 0).digest())
                .isEqualTo(HeldOutSplit.of("s", ascending, ascending.rows(), 0).digest());
    }

    @Test
    void onlyTheGivenRowsTakePart() {
        Samples samples = SplitCases.numbered(20);
        RowList positives = RowList.of(3, 17, 5, 9, 11, 2);
        Split split = HeldOutSplit.of("s", samples, positives, 0);
        assertThat(split.parts().values().stream().flatMapToInt(part -> part.rows().stream()))
                .containsExactlyInAnyOrder(3, 17, 5, 9, 11, 2);
    }

    @Test
    void tooFewSamplesAreRefused() {
        assertThatThrownBy(() -> split(1, 0))
                .isInstanceOf(PerduraException.class)
                .hasMessageContainingAll("'s'", "70/15/15", "'train'");
    }
}
