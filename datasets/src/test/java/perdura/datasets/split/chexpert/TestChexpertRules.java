package perdura.datasets.split.chexpert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.Mentions.Mention;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestChexpertRules {
    private static Mentions with(Mentions mentions, ChexpertFinding finding, Mention mention) {
        return new Mentions(Stream.of(ChexpertFinding.values())
                .map(f -> f == finding ? mention : mentions.of(f))
                .toList());
    }

    @Test
    void uncertainIsOneForThreeOfTheFive() {
        Mentions uncertain = new Mentions(Stream.of(ChexpertFinding.values())
                .map(finding -> Mention.UNCERTAIN)
                .toList());
        assertThat(ChexpertLabels.FIVE.mask(uncertain)).isEqualTo(0b11001); // atelectasis, edema, pleural effusion
        assertThat(ChexpertLabels.ALL14.mask(uncertain)).isEqualTo(1 << 5 | 1 << 8 | 1 << 10);
        assertThat(ChexpertLabels.FIVE.mask(Mentions.BLANK)).isZero();
    }

    @Test
    void labelsOfATableAreNamedByTheirColumns() {
        ChexpertTable table = TestingChexpert.table(5);
        assertThat(ChexpertLabels.FIVE.of(table).names())
                .containsExactly("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion");
        assertThat(ChexpertLabels.FIVE.of(table).mask(2)).isEqualTo(0b00010);
        assertThat(ChexpertLabels.ALL14.of(table).names()).hasSize(14).startsWith("No Finding");
    }

    @Test
    void cellsAreReadWithAndWithoutADecimal() {
        assertThat(Mention.parse("1")).isEqualTo(Mention.parse("1.0")).contains(Mention.POSITIVE);
        assertThat(Mention.parse("-1.0")).contains(Mention.UNCERTAIN);
        assertThat(Mention.parse("")).contains(Mention.BLANK);
        assertThat(Mention.parse("2.0")).isEmpty();
        assertThat(Mention.parse("nan")).isEmpty();
    }

    @Test
    void aFindingIsAloneIfTheOthersAreZeroOrBlank() {
        Mentions edema = TestingChexpert.mentions(ChexpertFinding.EDEMA, Mention.POSITIVE);
        assertThat(edema.isOnly(ChexpertFinding.EDEMA)).isTrue();
        assertThat(edema.isOnly(ChexpertFinding.CARDIOMEGALY)).isFalse();
        assertThat(with(edema, ChexpertFinding.FRACTURE, Mention.NEGATIVE).isOnly(ChexpertFinding.EDEMA))
                .isTrue();
        assertThat(with(edema, ChexpertFinding.FRACTURE, Mention.POSITIVE).isOnly(ChexpertFinding.EDEMA))
                .isFalse();
        assertThat(with(edema, ChexpertFinding.FRACTURE, Mention.UNCERTAIN).isOnly(ChexpertFinding.EDEMA))
                .isFalse();
        assertThat(with(edema, ChexpertFinding.NO_FINDING, Mention.POSITIVE).isOnly(ChexpertFinding.EDEMA))
                .isTrue();
        assertThat(TestingChexpert.mentions(ChexpertFinding.EDEMA, Mention.UNCERTAIN)
                        .isOnly(ChexpertFinding.EDEMA))
                .isFalse();
    }

    @Test
    void pathsAreReadWithAndWithoutTheDataSetsFolder() {
        ChexpertTable.Image image = new ChexpertTable.Image(
                "train/patient00001/study1/view1_frontal.jpg", ChexpertTable.Source.TRAIN, "patient00001");
        assertThat(ChexpertTable.Image.parse("CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg"))
                .contains(image);
        assertThat(ChexpertTable.Image.parse("train/patient00001/study1/view1_frontal.jpg"))
                .contains(image);
        assertThat(ChexpertTable.Image.parse("test/patient00001/study1/view1_frontal.jpg"))
                .isEmpty();
        assertThat(ChexpertTable.Image.parse("train/../patient00001/study1/view1_frontal.jpg"))
                .isEmpty();
    }

    @Test
    void aSeedsSetHasFrontalTrainingImagesThatShowTheirClassAlone() {
        ChexpertTable table = TestingChexpert.table(100);
        Set<RowList> samplings = new HashSet<>();
        for (long seed = 114514; seed <= 114518; seed++) {
            Split set = FiveByTwoHundred.drawnBySeed("5x4", table, 4, seed);
            ChexpertFinding.FIVE.forEach(finding -> set.rows(finding.column()).stream()
                    .forEach(row -> {
                        assertThat(table.rows().get(row).view()).isEqualTo(ChexpertTable.Row.View.FRONTAL);
                        assertThat(table.rows().get(row).mentions().isOnly(finding))
                                .isTrue();
                    }));
            samplings.add(set.rows("Edema"));
        }
        assertThat(samplings).hasSizeGreaterThan(1);
    }

    @Test
    void aSetThatCannotBeFilledIsRefused() {
        assertThatThrownBy(() -> FiveByTwoHundred.drawnByLegacy("5x200", TestingChexpert.table(10), 200))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageContainingAll("'5x200'", "2 frontal", "train.csv", "Atelectasis", "200");
    }

    @Test
    void priorsProtocolSplitsPatientsAndLeavesTheSetOut() {
        ChexpertTable table = TestingChexpert.table(100);
        Split set = FiveByTwoHundred.drawnBySeed("5x4", table, 4, 114514);
        Split split = ChexpertSplits.prior("prior", table, set, 114514);
        assertThat(split.parts().values().stream().map(part -> part.rows().size()))
                .containsExactly(48, 16, 16); // 80 frontal images are left
        assertThat(split.parameters()).containsEntry("without", set.digest());
        Set<Integer> rows = new HashSet<>();
        split.parts().values().forEach(part -> part.rows().stream().forEach(rows::add));
        set.parts()
                .values()
                .forEach(part ->
                        part.rows().stream().forEach(row -> assertThat(rows).doesNotContain(row)));
        Set<String> patients = new HashSet<>();
        for (var part : split.parts().values()) {
            Set<String> own = new HashSet<>();
            part.rows().stream()
                    .forEach(row -> own.add(table.samples().patients().get(row)));
            assertThat(patients).doesNotContainAnyElementsOf(own);
            patients.addAll(own);
        }
    }

    @Test
    void tooManyValidationImagesAreRefused() {
        ChexpertTable table = TestingChexpert.table(20);
        Split set = FiveByTwoHundred.drawnByLegacy("5x2", table, 2);
        assertThatThrownBy(() -> ChexpertSplits.gloria("gloria", table, set, 10))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("10 frontal images of train.csv are left for training and 10 validation images");
    }

    @Test
    void anImageWithTwoRowsIsRefused() {
        ChexpertTable.Row row = TestingChexpert.table(1).rows().get(0);
        assertThatThrownBy(() -> ChexpertTable.of(List.of(row, row)))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("stands in an earlier row already");
    }
}
