package perdura.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import perdura.cli.compare.SampleSweep;
import perdura.cli.report.ReportFile.ReportPage;
import perdura.grids.spec.SweepStatus;

class TestReportPage {
    private static final Pattern DATA =
            Pattern.compile("<script id=\"data\" type=\"application/json\">(.*?)</script>", Pattern.DOTALL);
    private static final String EVIL = "</script><script>alert(1)</script><!-- & \u2028";

    private static String page(SampleSweep sweep) {
        return ReportPage.html(SweepReport.of(
                sweep.view(),
                sweep.curves(),
                Map.of(),
                "http://127.0.0.1:5000",
                Instant.parse("2026-11-25T12:00:00Z")));
    }

    private static JsonNode data(String page) throws IOException {
        Matcher data = DATA.matcher(page);
        assertThat(data.find()).isTrue();
        return new ObjectMapper().readTree(data.group(1));
    }

    private static SampleSweep sweep() {
        return new SampleSweep("linear-probe", List.of("auroc"));
    }

    @Test
    void thePageIsOneFileThatMayNotUseTheNetwork() throws IOException {
        String page = page(
                sweep().finished(Map.of("a", 1), 1, 0.7, Map.of("auroc", 0.6)).curve(List.of(0.5, 0.7)));

        String own = page.substring(0, page.indexOf("<script>")) + page.substring(page.lastIndexOf("<script>"));
        assertThat(own).contains("default-src 'none'").contains("<title>sample-1</title>");
        assertThat(own).doesNotContain("@@").doesNotContain("<link").doesNotContain(" src=");
        assertThat(page.contains("Licensed to the Apache Software Foundation"))
                .as("the charts' licence")
                .isTrue();
        JsonNode data = data(page);
        assertThat(data.at("/points/0/objective/mean").asDouble()).isEqualTo(0.7);
        assertThat(data.at("/curves/0/values").toString()).isEqualTo("[[1.0,0.5],[2.0,0.7]]");
        assertThat(data.at("/points/0/trials/0/page").asText())
                .startsWith("http://127.0.0.1:5000/#/experiments/7/runs/");
        assertThat(data.at("/mlflowCompare").asText()).contains("compare-runs");
    }

    @Test
    void theOneParameterThatVariesHasItsEffect() throws IOException {
        SampleSweep sweep = sweep();
        for (int epochs : new int[] {4, 2, 1}) {
            sweep.finished(Map.of("epochs", epochs), 1, 0.7, Map.of("auroc", 0.1 * epochs))
                    .finished(Map.of("epochs", epochs), 2, 0.7, Map.of("auroc", 0.1 * epochs));
        }
        JsonNode effect = data(page(sweep)).path("effects").path(0);
        assertThat(effect.path("path").asText()).isEqualTo("epochs");
        assertThat(effect.path("log").asBoolean()).isTrue();
        assertThat(effect.at("/metrics/0/percent").asBoolean()).isTrue();
        assertThat(effect.at("/levels/2/value").asText()).isEqualTo("4");
        assertThat(effect.at("/levels/2/metrics/0/mean").asDouble()).isEqualTo(0.4);
        assertThat(effect.at("/levels/2/metrics/0/n").asInt()).isEqualTo(2);
    }

    @Test
    void noTextOfATrialCanEndTheScript() throws IOException {
        String page = page(sweep().failed(Map.of("a", EVIL), 1, "INTERNAL", EVIL));
        assertThat(page.contains("alert(1)</script>") || page.contains("<!-- &"))
                .isFalse();
        assertThat(data(page).at("/failures/0/message").asText()).isEqualTo(EVIL);
        assertThat(data(page).at("/shared/a").asText()).isEqualTo(EVIL);
    }

    @Test
    void failuresAloneMakeAPage() throws IOException {
        JsonNode data = data(page(sweep().failed(Map.of("a", 1), 1, "OUT_OF_MEMORY", "too much")
                .failed(Map.of("a", 2), 1, "TRAINING_DIVERGED", "NaN")
                .status(SweepStatus.FAILED)));
        assertThat(data.path("failures")).hasSize(2);
        assertThat(data.at("/points/0/rank").isNull()).isTrue();
        assertThat(data.at("/counts/failed").asInt()).isEqualTo(2);
        assertThat(data.path("curves")).isEmpty();
    }

    @Test
    void aSweepWithoutTrialsMakesAPage() throws IOException {
        assertThat(data(page(sweep().status(SweepStatus.RUNNING))).path("points"))
                .isEmpty();
    }

    @Test
    void whatIsNoNumberIsNull() throws IOException {
        JsonNode data = data(page(sweep().finished(Map.of("a", 1), 1, Double.NaN, Map.of("auroc", Double.NaN))
                .curve(List.of(0.5, Double.NaN, 0.6))));
        assertThat(data.at("/points/0/objective/mean").isNull()).isTrue();
        assertThat(data.at("/points/0/objective/missing").asInt()).isEqualTo(1);
        assertThat(data.at("/points/0/trials/0/metrics/test~1auroc").isNull()).isTrue();
        assertThat(data.at("/curves/0/values").toString()).isEqualTo("[[1.0,0.5],[3.0,0.6]]");
    }

    @Test
    void longCurvesAreThinnedAndKeepTheirEnd() throws IOException {
        List<Double> curve = IntStream.range(0, 1001).mapToObj(i -> i / 1001.0).toList();
        JsonNode values = data(page(
                        sweep().finished(Map.of("a", 1), 1, 0.7, Map.of()).curve(curve)))
                .at("/curves/0/values");
        assertThat(values.size()).isLessThanOrEqualTo(201);
        assertThat(values.get(values.size() - 1).get(0).asInt()).isEqualTo(1001);
    }

    @Test
    void whatIsTooMuchForAPageIsCounted() throws IOException {
        SampleSweep sweep = sweep();
        for (int i = 0; i < 1100; i++) {
            sweep.finished(Map.of("a", i), 1, i / 1100.0, Map.of("auroc", 0.5));
        }
        JsonNode data = data(page(sweep));
        assertThat(data.path("points")).hasSize(1000);
        assertThat(data.path("pointsLeftOut").asInt()).isEqualTo(100);
        assertThat(data.path("curvesLeftOut").asInt()).isEqualTo(600);
        assertThat(data.at("/points/0/values/a").asText()).isEqualTo("1099");
    }

    @Test
    void axesKnowTheirKind() throws IOException {
        JsonNode parameters = data(page(
                        sweep().finished(Map.of("rate", 1e-5, "batch", 32, "name", "x"), 1, 0.7, Map.of())
                                .finished(Map.of("rate", 1e-3, "batch", 64, "name", "y"), 1, 0.7, Map.of())))
                .path("parameters");
        assertThat(parameters.toString())
                .isEqualTo("[{\"path\":\"batch\",\"label\":\"batch\",\"numeric\":true,\"log\":false},"
                        + "{\"path\":\"name\",\"label\":\"name\",\"numeric\":false,\"log\":false},"
                        + "{\"path\":\"rate\",\"label\":\"rate\",\"numeric\":true,\"log\":true}]");
    }

    @Test
    void theGridIsToldInWords() throws IOException {
        JsonNode grid = data(page(sweep().with("axisOrder", List.of("rate", "patience"))
                        .with(
                                "matrix",
                                Map.of(
                                        "rate", Map.of("values", List.of(1e-5, 0.001)),
                                        "patience",
                                                Map.of("values", List.of(3), "when", Map.of("rate", List.of(0.001))),
                                        "seeds", List.of(1, 2)))
                        .with("constraints", List.of("rate < 1.0"))
                        .with("strategy", Map.of("kind", "sobol", "count", 32, "seed", 1))
                        .with("earlyStopping", Map.of("kind", "none"))))
                .path("grid");
        assertThat(grid.path("rate").asText()).isEqualTo("1e-5 | 0.001");
        assertThat(grid.path("patience").asText()).isEqualTo("3, when rate [0.001]");
        assertThat(grid.path("seeds").asText()).isEqualTo("1 | 2");
        assertThat(grid.path("strategy").asText()).isEqualTo("sobol, count 32, seed 1");
        assertThat(grid.path("constraints").asText()).isEqualTo("rate < 1.0");
        assertThat(grid.has("early stopping")).isFalse();
    }
}
