package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TimeoutFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a trial whose activity ended without a result. */
class TestRunningTrials {
    @ParameterizedTest
    @ValueSource(strings = {"WORKER_DIED", "PREEMPTED", "STALLED", "STORE_UNAVAILABLE"})
    void anAttemptThatDiesAfterItsTrialWasCalledBackIsNoFailureOfTheTrial(String code) {
        ApplicationFailure death = ApplicationFailure.newFailure("on demand", code);

        assertThat(RunningTrials.isGivenBack(death, true)).isTrue();
        assertThat(RunningTrials.isGivenBack(death, false)).isFalse();
    }

    @Test
    void aLostHostIsTheSame() {
        TimeoutFailure silence = new TimeoutFailure("silent", null, TimeoutType.TIMEOUT_TYPE_HEARTBEAT);

        assertThat(RunningTrials.isGivenBack(silence, true)).isTrue();
        assertThat(RunningTrials.isGivenBack(silence, false)).isFalse();
    }

    @Test
    void whatCanNotHealIsAFailureAlsoOfATrialThatWasCalledBack() {
        ApplicationFailure diverged = ApplicationFailure.newNonRetryableFailure("NaN", "TRAINING_DIVERGED");

        assertThat(RunningTrials.isGivenBack(diverged, true)).isFalse();
    }

    @Test
    void aCancelledTrialAndOneThatAnotherAttemptHasAreNoFailures() {
        assertThat(RunningTrials.isGivenBack(new CanceledFailure("called back"), false))
                .isTrue();
        assertThat(RunningTrials.isGivenBack(ApplicationFailure.newNonRetryableFailure("other", "FENCED"), false))
                .isTrue();
        assertThat(RunningTrials.isGivenBack(new IllegalStateException("a bug"), true))
                .isFalse();
    }
}
