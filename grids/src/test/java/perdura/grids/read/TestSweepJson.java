package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.SweepSpec;

class TestSweepJson {
    @Test
    void whatIsWrittenIsReadAgain() {
        for (String text : List.of(
                TestSweepReader.EVERY_KEY,
                TestSweepReader.EVERY_KEY.replace("sobol", "random"),
                TestSweepReader.EVERY_KEY
                        .replace("kind: sobol, count: 10, seed: 5", "kind: grid")
                        .replace("asha, minEpochs: 2, maxEpochs: 18, reduction: 3", "median, minTrials: 4")
                        .replace("{trials: 100, gpuHours: 2.5, wallTime: 1d}", "{}"),
                "apiVersion: perdura/v1\nkind: Sweep\nname: a\ntask: toy\nobjective: {metric: loss, goal: min}\n")) {
            SweepSpec spec = TestSweepReader.read(text).spec();
            String json = SweepJson.write(spec);
            assertThat(SweepJson.read(json, KnownTasks.ALL).spec()).isEqualTo(spec);
            assertThat(SweepJson.write(SweepJson.read(json, KnownTasks.ALL).spec()))
                    .isEqualTo(json);
        }
    }
}
