package perdura.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;

class TestNoOpTask {
    private static final Path NOWHERE = Path.of("nowhere");

    private static TestingTrial trial() {
        return new TestingTrial(new NoOpTask()).with("epochs", 3L).with("steps", 2L);
    }

    /** Python: {@code math.exp(-8 * (0.5 - 0.7) ** 2) * (1 - math.exp(-e / 3))} for e of 1, 2 and 3. */
    @Test
    void theScoreIsTheFormula() {
        List<Map<String, Double>> all = new ArrayList<>();
        try (TrainingJob job = trial().open(NOWHERE)) {
            assertThat(job.totalSteps()).isEqualTo(6);
            assertThat(job.positionAfter(4)).isEqualTo(new Position(1, 2, 4));
            for (long step = 0; step < 6; step++) {
                all.add(job.step(step));
            }
        }
        double[] scores = {0.2058405158673841, 0.35333169047102575, 0.4590137351078406};
        for (int epoch = 0; epoch < 3; epoch++) {
            Map<String, Double> metrics = all.get(2 * epoch + 1);
            assertThat(metrics.get("validation/score")).isCloseTo(scores[epoch], within(0.005));
            assertThat(metrics).containsEntry("validation/loss", 1 - metrics.getOrDefault("validation/score", 9.0));
        }
        assertThat(all.get(0)).containsOnlyKeys("train/loss");
        assertThat(all.get(5))
                .containsKeys("best/epoch", "best/validation/score", "best/validation/loss", "test/score", "test/loss");
    }

    @Test
    void seedsDifferALittle() {
        Map<String, Double> one = trial().train(NOWHERE);
        assertThat(trial().train(NOWHERE)).isEqualTo(one);
        Map<String, Double> other = trial().seed(2).train(NOWHERE);
        assertThat(other.get("test/score"))
                .isNotEqualTo(one.get("test/score"))
                .isCloseTo(one.getOrDefault("test/score", 0.0), within(0.01));
    }

    @Test
    void itResumesToTheBit() {
        try (TrainingJob whole = trial().open(NOWHERE);
                TrainingJob resumed = trial().open(NOWHERE)) {
            whole.step(0);
            TrainState state = whole.copyState();
            resumed.step(0);
            resumed.step(1);
            resumed.loadState(resumed.positionAfter(1), state);
            for (long step = 1; step < 6; step++) {
                assertThat(resumed.step(step)).isEqualTo(whole.step(step));
                assertThat(digest(resumed, step)).isEqualTo(digest(whole, step));
            }
        }
    }

    private static String digest(TrainingJob job, long step) {
        return StateDigest.of(job.positionAfter(step + 1), job.copyState());
    }

    @Test
    void plantedFaultsComeInTheMiddle() {
        assertFails("nan", ErrorCode.TRAINING_DIVERGED, "step 3: train/loss = NaN, as fault: nan asks for");
        assertFails("oom", ErrorCode.OUT_OF_MEMORY, "step 3: the memory is full, as fault: oom asks for");
    }

    private static void assertFails(String fault, ErrorCode code, String message) {
        try (TrainingJob job = trial().with("fault", fault).open(NOWHERE)) {
            job.step(0);
            assertThatThrownBy(() -> job.step(3))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(code))
                    .hasMessage(message);
        }
    }

    @Test
    void aLaterAttemptDoesNotCrash() {
        try (TrainingJob job = trial().with("fault", "crash").open(NOWHERE, 2)) {
            assertThat(job.step(3)).containsKey("validation/score");
        }
    }
}
