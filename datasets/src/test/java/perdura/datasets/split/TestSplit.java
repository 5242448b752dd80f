package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestSplit {
    private final Samples samples = Samples.withoutPatients(List.of("a", "b", "c", "d", "e"));

    private Split split(String first, RowList firstRows, String second, RowList secondRows) {
        Map<String, RowList> parts = new LinkedHashMap<>();
        parts.put(first, firstRows);
        parts.put(second, secondRows);
        return Split.of("s", "official", Map.of(), samples, parts);
    }

    @Test
    void aPartsDigestIsThatOfItsIdsLineByLine() {
        // printf 'c\na\n' | sha256sum
        assertThat(samples.digest(RowList.of(2, 0)))
                .isEqualTo("83bf753600468d0e86df91245262d0e2501a215737be3b593ed30d1c1c28b77d");
    }

    @Test
    void aSplitsDigestDependsOnRowsAndOnWhatDecidesThem() {
        Split split = split("train", RowList.of(0, 1), "test", RowList.of(2));
        assertThat(split.digest())
                .hasSize(64)
                .isEqualTo(
                        split("train", RowList.of(0, 1), "test", RowList.of(2)).digest());
        assertThat(split.digest())
                .isNotEqualTo(
                        split("train", RowList.of(1, 0), "test", RowList.of(2)).digest());
        assertThat(split.withTrain("s", Map.of("fraction", 0.5), samples, RowList.of(0, 1))
                        .digest())
                .isNotEqualTo(split.digest());
    }

    @Test
    void aRowInTwoPartsIsRefused() {
        assertThatThrownBy(() -> split("train", RowList.of(0, 1), "test", RowList.of(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("'s'", "'test'", "row 1", "of 5");
        assertThatThrownBy(() -> split("train", RowList.of(0, 0), "test", RowList.of(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> split("train", RowList.of(0, 5), "test", RowList.of(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anUnknownPartIsNamed() {
        Split split = split("train", RowList.of(0, 1), "test", RowList.of(2));
        assertThatThrownBy(() -> split.rows("validation"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("'s'", "'validation'", "[train, test]");
    }

    @Test
    void fewerTrainingRowsKeepTheOtherParts() {
        Split split = split("train", RowList.of(3, 1, 4), "test", RowList.of(2));
        Split less = split.withTrain("s-1", Map.of("fraction", 0.3, "fractionSeed", 7), samples, RowList.of(4));
        assertThat(less.name()).isEqualTo("s-1");
        assertThat(less.parameters()).containsEntry("fraction", 0.3).containsEntry("fractionSeed", 7);
        assertThat(less.rows("train")).isEqualTo(RowList.of(4));
        assertThat(less.parts().get("test")).isEqualTo(split.parts().get("test"));
        assertThatThrownBy(() -> split.withTrain("s-1", Map.of(), samples, RowList.of(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("row 2", "'s'");
    }

    @Test
    void theSummaryHoldsSizesAndDigestsInOrder() {
        Split split = split("validate", RowList.of(0, 1), "test", RowList.of(2));
        assertThat(split.summary().keySet()).containsExactly("name", "method", "parameters", "parts");
        assertThat(String.valueOf(split.summary().get("parts"))).startsWith("{validate={rows=2, sha256=");
    }

    @Test
    void aGivenSplitKeepsTheOrderOfTheTable() {
        Split split = GivenSplit.of(
                "official",
                samples,
                List.of("test", "train", "train", "validate", "train"),
                List.of("train", "validate", "test"));
        assertThat(split.parts().keySet()).containsExactly("train", "validate", "test");
        assertThat(split.rows("train")).isEqualTo(RowList.of(1, 2, 4));
    }

    @Test
    void aGivenSplitWithAnotherPartIsRefused() {
        List<String> parts = List.of("train", "train", "dev", "train", "test");
        assertThatThrownBy(() -> GivenSplit.of("official", samples, parts, List.of("train", "test")))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageContainingAll("'c'", "'dev'", "[train, test]");
    }

    @Test
    void aRepeatedIdIsRefused() {
        assertThatThrownBy(() -> Samples.withoutPatients(List.of("a", "b", "a")))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageContainingAll("id", "row 2", "'a'");
    }

    @Test
    void idsThatWouldBlurADigestAreRefused() {
        assertThatThrownBy(() -> Samples.withoutPatients(List.of("a\nb")))
                .isInstanceOf(PerduraException.class)
                .hasMessageContainingAll("row 0", "'a?b'");
        assertThatThrownBy(() -> new Samples(List.of("a"), List.of("")))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("patient ''");
        assertThatThrownBy(() -> new Samples(List.of("a"), List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
