package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.TrialSpec;
import perdura.grids.spec.WeightLocator;

class TestResolvedTrialJson {
    private static final String DIGEST = "ab".repeat(32);

    private static ResolvedTrial trial(Map<String, String> references, @Nullable String parent) {
        TreeMap<String, @Nullable Object> parameters = new TreeMap<>();
        parameters.put("dataset", "rsna");
        parameters.put("encoder", null);
        parameters.put("fraction", 1.0);
        parameters.put("learningRate", 1e-4);
        parameters.put("epochs", 5L);
        parameters.put("model.blocks", List.of(1L, 2L));
        parameters.put("shares", List.of(1.0, 0.5));
        parameters.put("flag", true);
        return new ResolvedTrial(
                new TrialSpec("linear-probe", 2, new Parameters(parameters), Long.MIN_VALUE + 1),
                new TreeMap<>(references),
                parent,
                new ResourceSpec("cuda:1", 0),
                new RetrySpec(3, Duration.ofSeconds(90)));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        WeightLocator run = new WeightLocator.StageOfRun(new RunId("prior-1"), 2);
        for (ResolvedTrial trial : List.of(
                trial(Map.of("dataset", DIGEST), null),
                trial(Map.of("dataset", DIGEST, "encoder", "weights:" + DIGEST), DIGEST),
                trial(Map.of("dataset", DIGEST, "encoder", run.toString()), "some-key@2"))) {
            String json = ResolvedTrialJson.write(trial);
            assertThat(ResolvedTrialJson.read(json)).isEqualTo(trial);
            assertThat(ResolvedTrialJson.write(ResolvedTrialJson.read(json))).isEqualTo(json);
        }
    }

    @Test
    void anotherTextIsRefused() {
        String json = ResolvedTrialJson.write(trial(Map.of("dataset", DIGEST), null));
        for (String other : List.of(
                "{}",
                "no json",
                json.replace("\"epochs\"", "\"x\":1,\"epochs\""),
                json.replace("\"threads\":\"auto\"", "\"threads\":\"auto\",\"unknown\":1"),
                json.replace("PT1M30S", "90 s"))) {
            assertThatThrownBy(() -> ResolvedTrialJson.read(other))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
        }
    }

    @Test
    void locatorsAreReadAsTheyAreWritten() {
        for (WeightLocator locator : List.of(
                new WeightLocator.Imported(DIGEST),
                new WeightLocator.StageOfRun(new RunId("prior-12"), 3),
                new WeightLocator.BestOfRun(new RunId("prior-12")))) {
            assertThat(WeightLocator.parse(locator.toString())).isEqualTo(locator);
        }
        for (String wrong : List.of("", "weights:ab", "run:prior-1", "run:prior-1@0", "run:Prior@1", DIGEST)) {
            assertThatThrownBy(() -> WeightLocator.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("weights lie at weights:<digest>, run:<runId>@<stage> or run:<runId>@best, was '"
                            + wrong + "'");
        }
        assertThatThrownBy(() -> trial(Map.of("dataset", "rsna"), null)).isInstanceOf(IllegalArgumentException.class);
    }
}
