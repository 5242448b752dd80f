package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import perdura.testkit.GoldenCases;

class TestLabelFractions {
    private static BinaryLabels labels(int count, int... masks) {
        return new BinaryLabels(IntStream.range(0, count).mapToObj(i -> "l" + i).toList(), masks);
    }

    private static RowList stratified(BinaryLabels labels, double fraction, long seed) {
        Samples samples = SplitCases.numbered(labels.size());
        return LabelFraction.stratified(samples, samples.rows(), labels, fraction, seed);
    }

    @Test
    void plainFractionsAreThoseOfTheReference() {
        JsonNode cases = GoldenCases.read("sense/data_cases").get("fractions");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            RowList rows = LabelFraction.plain(
                    RowList.range(c.get("n").asInt()),
                    c.get("fraction").asDouble(),
                    c.get("seed").asLong());
            assertThat(rows.toArray()).containsExactly(GoldenCases.integers(c.get("rows")));
        }
    }

    @Test
    void plainFractionsFollowTheOrderOfTheSplit() {
        RowList train = RowList.of(40, 7, 31, 12);
        int[] places = LabelFraction.plain(RowList.range(4), 0.5, 9).toArray();
        assertThat(LabelFraction.plain(train, 0.5, 9).toArray())
                .containsExactly(train.at(places[0]), train.at(places[1]));
    }

    @Test
    void stratifiedFractionsAgreeWithASecondReadingOfTheRule() {
        for (JsonNode c : SplitCases.read("strata")) {
            BinaryLabels labels = labels(c.get("labels").asInt(), GoldenCases.integers(c.get("masks")));
            assertThat(stratified(
                                    labels,
                                    c.get("fraction").asDouble(),
                                    c.get("seed").asLong())
                            .toArray())
                    .containsExactly(GoldenCases.integers(c.get("rows")));
        }
    }

    @Test
    void theShareOfPositivesIsThatOfScikitLearn() {
        for (JsonNode c : SplitCases.read("stratified_counts")) {
            int positives = c.get("positives").asInt();
            BinaryLabels labels = labels(
                    1,
                    IntStream.range(0, c.get("n").asInt())
                            .map(row -> row < positives ? 1 : 0)
                            .toArray());
            RowList rows = stratified(labels, c.get("fraction").asDouble(), 114514);
            assertThat(rows.size()).isEqualTo(c.get("size").asInt());
            assertThat(rows.stream().map(labels::mask).sum())
                    .isEqualTo(c.get("chosen").asInt());
        }
    }

    @Test
    void fractionsOfASeedAreNestedAndTheWholeIsAll() {
        BinaryLabels labels = labels(
                1, IntStream.range(0, 500).map(row -> row % 9 == 0 ? 1 : 0).toArray());
        for (long seed = 114514; seed <= 114518; seed++) {
            RowList one = stratified(labels, 0.01, seed);
            RowList ten = stratified(labels, 0.1, seed);
            RowList all = stratified(labels, 1, seed);
            assertThat(ten.first(one.size())).isEqualTo(one);
            assertThat(all.first(ten.size())).isEqualTo(ten);
            assertThat(all.stream().distinct()).hasSize(500);
        }
    }

    @Test
    void everyClassIsThereHoweverRareItIs() {
        int[] masks = new int[1_000];
        masks[700] = 0b01;
        masks[701] = 0b10;
        RowList rows = stratified(labels(2, masks), 0.001, 1);
        assertThat(rows.stream()).contains(700, 701).hasSizeLessThan(5); // 2 labels of 2 values
        assertThat(stratified(labels(1, masks[700], 0, 0), 0.01, 1).stream())
                .contains(0)
                .hasSize(2);
    }

    @Test
    void aTrainingPartOfOneClassIsAllowed() {
        assertThat(stratified(labels(1, IntStream.range(0, 1_601).map(i -> 1).toArray()), 0.01, 1)
                        .size())
                .isEqualTo(16);
    }

    @Test
    void fractionsOutsideOfZeroToOneAreRefused() {
        for (double fraction : List.of(0.0, -0.1, 1.1, Double.NaN)) {
            assertThatThrownBy(() -> LabelFraction.plain(RowList.range(3), fraction, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("fraction", "(0, 1]", String.valueOf(fraction));
        }
    }

    @Test
    void masksBeyondTheLabelsAreRefused() {
        assertThatThrownBy(() -> labels(2, 0, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("row 1", "mask 4", "2 labels");
    }
}
