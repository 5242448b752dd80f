package perdura.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.plan.SweepPlan;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.SweepExpansion;
import perdura.training.tasks.Tasks;

class TestPlanText {
    @TempDir
    private Path folder;

    @Test
    void aNewGridIsAllNewAndOfUnknownCost() throws IOException {
        SweepPlan.Pretrainings none = new SweepPlan.Pretrainings(0, 0, 0, 0, Optional.empty());
        assertThat(PlanText.of(expansion(), plan(none), false)).isEqualToNormalizingNewlines("""
                        Sweep try, task no-op: 2 points, 4 trials with 2 seeds
                                4  new
                        Cost: unknown, as no trial of this task has finished yet""");
    }

    @Test
    void preTrainingsAreCountedAndCostTimeBeforeTheTrials() throws IOException {
        SweepPlan.Pretrainings needed = new SweepPlan.Pretrainings(1, 0, 1, 0, Optional.of(Duration.ofSeconds(60)));
        assertThat(PlanText.of(expansion(), plan(needed), false))
                .contains("Pre-trainings that the trials need: 1 new, 0 running, 1 finished, 0 failed before")
                .contains("Before them, the new pre-trainings: about 1 min 00 s of device time");
    }

    private static SweepPlan plan(SweepPlan.Pretrainings pretrainings) {
        return new SweepPlan(
                2,
                4,
                4,
                0,
                0,
                0,
                0,
                0,
                "fingerprint",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                pretrainings);
    }

    private SweepExpansion expansion() throws IOException {
        Path file = Files.writeString(folder.resolve("try.yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: try
                task: no-op
                matrix: {value: [0.1, 0.2], seeds: [7, 8]}
                objective: {metric: score, goal: max}
                """);
        return SweepReader.read(file, List.of(), Tasks.load().schemas(), ReferenceNames.unchecked(), 1_000);
    }
}
