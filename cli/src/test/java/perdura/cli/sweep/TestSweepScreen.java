package perdura.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.cli.sweep.SweepFollower.SweepScreen;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TrialState;
import perdura.store.Run;
import perdura.store.StoredSweep;
import perdura.store.SweepResults.TrialRow;

class TestSweepScreen {
    private static final Instant START = Instant.parse("2026-11-25T12:00:00Z");

    @Test
    void saysHowFarTheSweepIsWhatRunsAndWhatIsBest() {
        SweepScreen.Look look = new SweepScreen.Look(
                sweep(SweepStatus.RUNNING, 0.8736, 65),
                Map.of(TrialState.FINISHED, 4L, TrialState.FAILED, 1L, TrialState.RUNNING, 2L, TrialState.PENDING, 3L),
                List.of(running("lr=0.1 seed=1", 50, 100L), running("lr=0.01 seed=1", 0, null)),
                List.of(),
                Optional.of("lr=1.0 seed=1"),
                Optional.empty());

        assertThat(new SweepScreen().lines(look, START.plusSeconds(65)))
                .containsExactly(
                        "probe-1 [#############...........]  55 %  4 finished, 2 running, 3 pending, 1 failed of 10  1 min 05 s",
                        "  best auroc 0.8736: lr=1.0 seed=1",
                        "  lr=0.1 seed=1   [############............]  50 %  step 50/100",
                        "  lr=0.01 seed=1  preparing");
    }

    @Test
    void theRestTakesAsLongAsWhatWasSeenToBeDone() {
        SweepScreen screen = new SweepScreen();
        screen.headline(
                new SweepScreen.Look(
                        sweep(SweepStatus.RUNNING, null),
                        Map.of(TrialState.FINISHED, 2L, TrialState.PENDING, 8L),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty()),
                START);

        assertThat(screen.headline(
                        new SweepScreen.Look(
                                sweep(SweepStatus.RUNNING, null, 20),
                                Map.of(TrialState.FINISHED, 4L, TrialState.PENDING, 6L),
                                List.of(),
                                List.of(),
                                Optional.empty(),
                                Optional.empty()),
                        START.plusSeconds(20)))
                .endsWith("20 s  ETA 1 min 00 s");
    }

    @Test
    void aPausedSweepSaysSoAndHasNoEta() {
        assertThat(new SweepScreen()
                        .headline(
                                new SweepScreen.Look(
                                        sweep(SweepStatus.PAUSED, null),
                                        Map.of(TrialState.PENDING, 1L),
                                        List.of(),
                                        List.of(),
                                        Optional.empty(),
                                        Optional.empty()),
                                START))
                .isEqualTo("probe-1 [........................]   0 %  PAUSED  1 pending of 1  0 s");
    }

    @Test
    void aFullDiskStandsInTheHeadline() {
        assertThat(new SweepScreen()
                        .headline(
                                new SweepScreen.Look(
                                        sweep(SweepStatus.RUNNING, null),
                                        Map.of(TrialState.RUNNING, 1L),
                                        List.of(),
                                        List.of(),
                                        Optional.empty(),
                                        Optional.of("the disk /data is full")),
                                START))
                .isEqualTo("probe-1 [........................]   0 %  DISK FULL  1 running of 1  0 s");
    }

    private static StoredSweep sweep(SweepStatus status, @Nullable Double best) {
        return sweep(status, best, 0);
    }

    /** @param ran seconds; it was submitted an hour earlier */
    private static StoredSweep sweep(SweepStatus status, @Nullable Double best, double ran) {
        return new StoredSweep(
                "probe-1",
                new StoredSweep.Identity("probe", 1, "f", "tests", "{}", START.minusSeconds(3600)),
                status,
                new StoredSweep.Limits(0, 3),
                new StoredSweep.Progress("auroc", ObjectiveSpec.Goal.MAX, ran, 5, best, null, null),
                new Run.Mlflow(null, null),
                null);
    }

    private static TrialRow running(String label, long step, @Nullable Long total) {
        return new TrialRow(
                new TrialRow.Identity("k", 0, label, "{}", 1),
                "run",
                TrialState.RUNNING,
                new TrialRow.Progress(false, 0, 0, step, total),
                new TrialRow.Results(Map.of(), null),
                new Run.Outcome(START, null, null, null),
                new Run.Mlflow(null, null));
    }
}
