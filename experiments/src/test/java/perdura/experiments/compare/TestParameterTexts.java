package perdura.experiments.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TestParameterTexts {
    @Test
    void parametersReadAsInYaml() {
        assertThat(ParameterTexts.read(
                        "{\"a\":{\"b\":0.000001,\"c\":64},\"d\":null,\"e\":[1,2],\"f\":\"x\",\"g\":0.01,\"h\":true,\"i\":1e20,\"j\":0,"
                                + "\"k\":-0.00025}"))
                .isEqualTo(Map.ofEntries(
                        Map.entry("a.b", "1e-6"),
                        Map.entry("a.c", "64"),
                        Map.entry("d", "null"),
                        Map.entry("e", "[1,2]"),
                        Map.entry("f", "x"),
                        Map.entry("g", "0.01"),
                        Map.entry("h", "true"),
                        Map.entry("i", "1e20"),
                        Map.entry("j", "0"),
                        Map.entry("k", "-2.5e-4")));
    }

    @Test
    void theSpecOfATrialOrOfAPretrainingGivesParameters() {
        assertThat(
                        RunsView.parameters(
                                "{\"kind\":\"Trial\",\"task\":\"probe\",\"parameters\":{\"a\":1},\"reals\":[],\"references\":{},\"seed\":\"5\"}"))
                .isEqualTo(Map.of("a", "1", "task", "probe"));
        assertThat(RunsView.parameters("{\"seed\":1,\"model\":{\"width\":8}}")).isEqualTo(Map.of("model.width", "8"));
    }

    @Test
    void aCellIsNeverWhatPandasReadsAsNothing() {
        assertThat(ParameterTexts.cell("encoder", "null")).isEqualTo("random");
        assertThat(ParameterTexts.cell("pretrain.encoder", "null")).isEqualTo("random");
        assertThat(ParameterTexts.cell("clipNorm", "null")).isEqualTo("none");
        assertThat(ParameterTexts.cell("encoder", "prior-1")).isEqualTo("prior-1");
        assertThat(ParameterTexts.cell("plateau.patience", null)).isEqualTo("-");
    }
}
