package perdura.experiments.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.plan.StoppingReach.Rung;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.SweepReader;
import perdura.training.tasks.Tasks;

class TestStoppingReach {
    @TempDir
    private Path folder;

    private Optional<StoppingReach> reach(String stopping, int epochs, int points, String seeds) throws IOException {
        Path file =
                Files.writeString(folder.resolve("reach.yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: reach
                task: no-op
                base: {epochs: %d, steps: 1}
                matrix: {value: %s, seeds: %s}
                objective: {metric: score, goal: max}
                earlyStopping: %s
                """.formatted(epochs, values(points), seeds, stopping));
        return StoppingReach.of(
                SweepReader.read(file, List.of(), Tasks.load().schemas(), ReferenceNames.unchecked(), 1_000));
    }

    private static List<Double> values(int points) {
        return IntStream.rangeClosed(1, points).mapToObj(i -> i / 100.0).toList();
    }

    @Test
    void ofTwelveNoneComesToTheEndByTheRuleAndOf27One() throws IOException {
        String asha = "{kind: asha, minEpochs: 1, reduction: 3}";
        assertThat(reach(asha, 27, 12, "[1]"))
                .hasValue(new StoppingReach(List.of(new Rung(1, 12), new Rung(3, 4), new Rung(9, 1)), 0, 27, 27));
        assertThat(reach(asha, 27, 27, "[1]"))
                .hasValue(new StoppingReach(List.of(new Rung(1, 27), new Rung(3, 9), new Rung(9, 3)), 1, 27, 27));
    }

    @Test
    void theSeedsOfAPointGoTogether() throws IOException {
        String asha = "{kind: asha, minEpochs: 1, reduction: 3}";
        assertThat(reach(asha, 27, 12, "[1, 2, 3]")).isEqualTo(reach(asha, 27, 12, "[1]"));
    }

    @Test
    void theLastRungIsTheGreatestThatTheRuleMayHave() throws IOException {
        assertThat(reach("{kind: asha, minEpochs: 2, maxEpochs: 4, reduction: 2}", 100, 8, "[1]"))
                .hasValue(new StoppingReach(List.of(new Rung(2, 8), new Rung(4, 4)), 2, 100, 4));
    }

    @Test
    void withoutARungOnTheWayNothingIsStopped() throws IOException {
        assertThat(reach("{kind: asha, minEpochs: 5, reduction: 3}", 5, 12, "[1]"))
                .isEmpty();
        assertThat(reach("{kind: none}", 27, 12, "[1]")).isEmpty();
    }
}
