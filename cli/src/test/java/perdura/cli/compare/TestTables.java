package perdura.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import perdura.cli.words.Glyphs;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.MlflowPages;

class TestTables {
    private static final Map<String, Object> A = Map.of("learningRate", 1e-4, "dataset", "rsna");
    private static final Map<String, Object> B = Map.of("learningRate", 1e-3, "dataset", "rsna");

    private static Comparison comparison() {
        return new SampleSweep("linear-probe", List.of("auroc", "auprc"))
                .finished(A, 1, 0.8, Map.of("auroc", 0.75, "auprc", 0.5))
                .finished(A, 2, 0.9, Map.of("auroc", 0.85, "auprc", 0.6))
                .failed(B, 1, "OUT_OF_MEMORY", "too much")
                .onItsWay(B, 2, "RUNNING", 0.6)
                .view()
                .comparison();
    }

    @Test
    void theLeaderboardFitsItsWidthAndSaysWhatItLeftOut() {
        LeaderboardTable.Text text = new LeaderboardTable(comparison(), Glyphs.ASCII, 100).text(20);
        assertThat(text.table().lines()).allMatch(line -> line.length() <= 100);
        assertThat(text.leftOut()).containsExactly("TEST AUPRC");
        assertThat(text.table().lines())
                .containsExactly(
                        "#  learningRate  SEEDS                     VALIDATION AUROC  95 % CI           TEST AUROC",
                        "1  1e-4          2/2                       0.8500 +- 0.0707  0.2147 to 1.0000  0.8000 +- 0.0707",
                        "2  0.001         0/2, 1 running, 1 failed  ~0.6000           -                 - (1 missing)");
    }

    @Test
    void aWideLeaderboardHasAllColumnsAndTopCutsLines() {
        LeaderboardTable.Text text = new LeaderboardTable(comparison(), Glyphs.ASCII, 1000).text(1);
        assertThat(text.leftOut()).isEmpty();
        assertThat(text.table()).contains("TEST AUPRC").hasLineCount(2);
    }

    @Test
    void csvHasFullPrecision() {
        assertThat(new LeaderboardTable(comparison(), Glyphs.ASCII, 100).csv().lines())
                .hasSize(3)
                .element(1)
                .asString()
                .startsWith("1,1,1e-4,2,0,0,0,0,0,false,0.8500000000000001,0.07071067811865474,2,0,");
    }

    @Test
    void columnsThatDoNotFitStandBelow() {
        Comparison comparison = comparison();
        List<SideBySide.Column> columns = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            columns.add(new SideBySide.Column(
                    "run-" + i, "seed " + i, comparison.points().get(0), List.of(0.5, 0.5 + 0.05 * i)));
        }
        String text = new SideBySide(comparison.parameters(), columns, List.of("test/auroc"), Glyphs.UNICODE)
                .text("validation/auroc", 100);
        assertThat(text.lines()).allMatch(line -> line.length() <= 100);
        Stream.of("run-0", "run-8", "\u2581\u2588", "0.8000 \u00b1 0.0707")
                .forEach(part -> assertThat(text).contains(part));
        assertThat(text).contains(System.lineSeparator() + System.lineSeparator());
    }

    @Test
    void curvesAreDrawnOnOneScale() {
        SideBySide.Sparkline line =
                SideBySide.Sparkline.over(List.of(List.of(0.0, 7.0), List.of(3.0, Double.NaN)), Glyphs.UNICODE);
        assertThat(line.draw(List.of(0.0, 7.0), 16)).isEqualTo("\u2581\u2588");
        assertThat(line.draw(List.of(3.0, Double.NaN), 16)).isEqualTo("\u2584 ");
        assertThat(line.draw(List.of(0.0, 2.0, 7.0, 7.0), 2)).isEqualTo("\u2582\u2588");
        assertThat(SideBySide.Sparkline.over(List.of(List.of(1.0)), Glyphs.ASCII)
                        .draw(List.of(1.0, 1.0), 16))
                .isEqualTo("~~");
        assertThat(line.draw(List.of(), 16)).isEmpty();
    }

    @Test
    void aPointsCurveIsTheMeanOfTheTrialsThatHaveComeSoFar() {
        SampleSweep sweep = new SampleSweep("linear-probe", List.of())
                .finished(A, 1, 0.8, Map.of())
                .curve(List.of(0.5, 0.7))
                .finished(A, 2, 0.8, Map.of())
                .curve(List.of(0.7));
        assertThat(sweep.curves().mean(sweep.view().comparison().points().get(0)))
                .containsExactly(0.6, 0.7);
    }

    @Test
    void addressesOfMlflowAreValidAndHoldTheIds() {
        MlflowPages pages =
                MlflowPages.find("http://127.0.0.1:5000", comparison().trials()).orElseThrow();
        URI compare = URI.create(pages.compare());
        assertThat(compare.getFragment())
                .startsWith("/compare-runs?runs=[\"00000000000000000000000000000000\",\"")
                .contains("&experiments=[\"7\"]")
                .endsWith("&workflowType=machine_learning");
        assertThat(compare.getRawFragment().getBytes(StandardCharsets.US_ASCII)).hasSizeGreaterThan(100);
        assertThat(URI.create(pages.curves("validation/auroc")).getFragment())
                .contains("metric=\"validation/auroc\"")
                .contains("plot_metric_keys=[\"validation/auroc\"]");
    }
}
