package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.PerduraException;
import perdura.testkit.GoldenCases;

class TestFoldSplit {
    private static List<Split> folds(Samples samples, Split.Unit unit, long seed) {
        return FoldSplit.five("s", samples, samples.rows(), unit, seed);
    }

    @Test
    void foldsHaveTheSizesOfScikitLearn() {
        for (JsonNode c : SplitCases.read("fold_sizes")) {
            List<Split> splits = folds(SplitCases.numbered(c.get("n").asInt()), Split.Unit.SAMPLE, 1);
            assertThat(splits.stream().mapToInt(split -> split.rows("test").size()))
                    .containsExactly(IntStream.of(GoldenCases.integers(c.get("sizes")))
                            .boxed()
                            .toArray(Integer[]::new));
        }
    }

    @Test
    void foldsAgreeWithASecondReadingOfTheRule() {
        for (JsonNode c : SplitCases.read("folds")) {
            List<Split> splits = folds(
                    SplitCases.numbered(c.get("n").asInt()),
                    Split.Unit.SAMPLE,
                    c.get("seed").asLong());
            for (int k = 0; k < 5; k++) {
                assertThat(SplitCases.digest(splits.get(k).rows("test")))
                        .isEqualTo(c.get("sha256").get(k).asText());
            }
        }
    }

    @Test
    void theNextFoldValidatesAndTheOtherThreeTrain() {
        Samples samples = SplitCases.numbered(23);
        List<Split> splits = folds(samples, Split.Unit.SAMPLE, 1);
        for (int k = 0; k < 5; k++) {
            Split split = splits.get(k);
            assertThat(split.name()).isEqualTo("s-fold" + k);
            assertThat(split.rows("validation"))
                    .isEqualTo(splits.get((k + 1) % 5).rows("test"));
            Set<Integer> train = new HashSet<>();
            for (int other = 2; other < 5; other++) {
                splits.get((k + other) % 5).rows("test").stream().forEach(train::add);
            }
            assertThat(split.rows("train").stream()).containsExactlyInAnyOrderElementsOf(train);
        }
    }

    @Test
    void noPatientIsInTwoFolds() {
        Samples samples = new Samples(
                SplitCases.numbered(40).ids(),
                IntStream.range(0, 40).mapToObj(i -> "p" + i / 3).toList());
        List<Split> splits = folds(samples, Split.Unit.PATIENT, 2);
        Set<String> seen = new HashSet<>();
        for (Split split : splits) {
            Set<String> own = new HashSet<>();
            split.rows("test").stream()
                    .forEach(row -> own.add(samples.patients().get(row)));
            assertThat(seen).doesNotContainAnyElementsOf(own);
            seen.addAll(own);
        }
        assertThat(seen).hasSize(14);
    }

    @Test
    void fewerThanFiveSamplesAreRefused() {
        assertThatThrownBy(() -> folds(SplitCases.numbered(4), Split.Unit.SAMPLE, 1))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("is empty");
    }
}
