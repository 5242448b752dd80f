package perdura.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.cli.compare.SampleSweep;
import perdura.experiments.compare.SweepView;

class TestPaperTable {
    private static Map<String, Object> cell(@Nullable String encoder, String dataset, double fraction) {
        Map<String, Object> parameters = new TreeMap<>(Map.of("dataset", dataset, "fraction", fraction));
        parameters.put("encoder", encoder);
        return parameters;
    }

    @Test
    void rowsAreEncodersAndColumnsAreSetsAndFractions() {
        SampleSweep sweep = new SampleSweep("supervised-classification", List.of("auroc"));
        for (String encoder : Arrays.asList("prior-1", null)) {
            for (String set : List.of("rsna", "my-chexpert")) {
                for (double fraction : new double[] {1, 0.01}) {
                    sweep.finished(cell(encoder, set, fraction), 1, 0.9, Map.of("auroc", 0.8));
                    sweep.finished(cell(encoder, set, fraction), 2, 0.9, Map.of("auroc", 0.9));
                }
            }
        }

        PaperTable table =
                PaperTable.of(sweep.view(), Map.of("my-chexpert", "chexpert")).get(0);

        assertThat(table.columns())
                .containsExactly(
                        new PaperTable.Column("rsna", "rsna", 0.01),
                        new PaperTable.Column("rsna", "rsna", 1),
                        new PaperTable.Column("my-chexpert", "chexpert", 0.01),
                        new PaperTable.Column("my-chexpert", "chexpert", 1));
        assertThat(table.rows())
                .extracting(PaperTable.Row::label)
                .containsExactly("prior-1", "random encoder", "PRIOR, as published");
        PaperTable.Cell ours =
                Objects.requireNonNull(table.rows().get(0).cells().get(0));
        assertThat(ours.mean()).isEqualTo(0.8500000000000001);
        assertThat(ours.n()).isEqualTo(2);
        assertThat(ours.candidates()).isEqualTo(1);
    }

    /** prior.md 5 and 6: of all figures for such a table only this one is verified. */
    @Test
    void onlyTheVerifiedFigureStandsInThePapersRow() {
        SampleSweep sweep = new SampleSweep("supervised-classification", List.of("auroc", "auprc"))
                .finished(cell("prior-1", "chexpert", 0.01), 1, 0.9, Map.of("auroc", 0.8))
                .finished(cell("prior-1", "chexpert", 0.1), 1, 0.9, Map.of("auroc", 0.8))
                .finished(cell("prior-1", "rsna", 0.01), 1, 0.9, Map.of("auroc", 0.8));

        List<PaperTable> tables = PaperTable.of(sweep.view(), Map.of());

        PaperTable.Row published = tables.get(0).rows().get(1);
        assertThat(published.published()).isTrue();
        assertThat(published.cells()).containsExactly(new PaperTable.Cell(null, 0.8616, 0.0064, 0, 0, 0), null, null);
        assertThat(tables.get(0).notes()).anyMatch(note -> note.contains("inferred"));
        assertThat(tables.get(1).rows()).hasSize(1);
        assertThat(tables.get(1).notes())
                .containsExactly("No figure of a paper for these cells is verified, so none stands here.");
    }

    @Test
    void aProbeHasNoPublishedFigure() {
        SampleSweep sweep = new SampleSweep("linear-probe", List.of("auroc"))
                .finished(cell("sense", "chexpert", 0.01), 1, 0.9, Map.of("auroc", 0.8))
                .finished(cell("sense", "chexpert", 0.1), 1, 0.9, Map.of("auroc", 0.8));
        assertThat(PaperTable.of(sweep.view(), Map.of()).get(0).rows()).noneMatch(PaperTable.Row::published);
    }

    @Test
    void ofSeveralPointsTheBestOnValidationDataStandsInTheCell() {
        Map<String, Object> other = cell(null, "rsna", 0.1);
        other.put("learningRate", 0.1);
        SampleSweep sweep = new SampleSweep("linear-probe", List.of("auroc"))
                .finished(cell(null, "rsna", 0.1), 1, 0.7, Map.of("auroc", 0.99))
                .finished(other, 1, 0.8, Map.of("auroc", 0.6))
                .finished(cell(null, "rsna", 1), 1, 0.8, Map.of("auroc", 0.6));
        PaperTable.Cell cell = PaperTable.of(sweep.view(), Map.of())
                .get(0)
                .rows()
                .get(0)
                .cells()
                .get(0);
        assertThat(Objects.requireNonNull(cell).mean()).isEqualTo(0.6);
        assertThat(cell.candidates()).isEqualTo(2);
    }

    @Test
    void otherSweepsHaveNoSuchTable() {
        SweepView noSets = new SampleSweep("linear-probe", List.of("auroc"))
                .finished(Map.of("a", 1), 1, 0.7, Map.of())
                .finished(Map.of("a", 2), 1, 0.7, Map.of())
                .view();
        assertThat(PaperTable.of(noSets, Map.of())).isEmpty();
        SweepView onePoint = new SampleSweep("linear-probe", List.of("auroc"))
                .finished(cell(null, "rsna", 1), 1, 0.7, Map.of())
                .view();
        assertThat(PaperTable.of(onePoint, Map.of())).isEmpty();
    }
}
