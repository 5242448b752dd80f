package perdura.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;

class TestTaskLabels {
    private static final int BLANK = -9;

    @TempDir
    private Path folder;

    @Test
    void chexpertsDoubtsAndBlanksCountByTheRule() throws IOException {
        int[] rows = {1, 0, -1, BLANK};
        DataSet data = images(SourceSet.CHEXPERT, rows.length)
                .write(
                        Arrays.stream(ChexpertFinding.values())
                                .map(ChexpertFinding::column)
                                .toList(),
                        (row, label) -> rows[row]);

        BinaryLabels five = TaskLabels.of(data, ChexpertLabels.FIVE);
        assertThat(five.names())
                .containsExactly("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion");
        assertThat(five.mask(0)).isEqualTo(0b11111);
        assertThat(five.mask(1)).isZero();
        assertThat(five.mask(2)).isEqualTo(0b11001); // 1, 0, 0, 1, 1 in the order of the names
        assertThat(five.mask(3)).isZero();

        BinaryLabels all = TaskLabels.of(data, ChexpertLabels.ALL14);
        assertThat(all.names()).hasSize(14);
        assertThat(Integer.bitCount(all.mask(0))).isEqualTo(14);
        assertThat(Integer.bitCount(all.mask(2))).isEqualTo(3);
    }

    @Test
    void otherSetsHaveTheLabelsOfTheirTable() throws IOException {
        DataSet data = images(SourceSet.RSNA, 5).write();
        BinaryLabels labels = TaskLabels.of(data, ChexpertLabels.FIVE);
        assertThat(labels.names()).containsExactly("A", "B");
        for (int row = 0; row < 5; row++) {
            assertThat(labels.value(row, 0)).isEqualTo(TestingImages.label(row, 0));
            assertThat(labels.value(row, 1)).isEqualTo(TestingImages.label(row, 1));
        }
    }

    @Test
    void aBlankWithoutARuleIsRefused() throws IOException {
        DataSet data = images(SourceSet.SIIM, 4).write(List.of("Pneumothorax"), (row, label) -> row < 2 ? row : BLANK);
        assertThatThrownBy(() -> TaskLabels.of(data, ChexpertLabels.FIVE))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageEndingWith(
                        ": a label must be 0 or 1, 2 are not, the first is sample 's002', label 'Pneumothorax': NaN");
    }

    @Test
    void aSetWithoutLabelsIsRefused() throws IOException {
        DataSet data = images(SourceSet.RSNA, 2).write(List.of(), (row, label) -> 0);
        assertThatThrownBy(() -> TaskLabels.of(data, ChexpertLabels.FIVE))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageEndingWith("(rsna) has no labels to classify by");
    }

    private TestingImages images(SourceSet set, int rows) {
        return new TestingImages(folder.resolve("data"), set, rows, 8, 8);
    }
}
