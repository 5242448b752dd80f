package perdura.cli.follow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import perdura.experiments.submit.RunStarter.Preparation;

class TestProgressLine {
    @Test
    void aRunningRunShowsBarLossRateAndTimeLeft() {
        assertThat(RunFollower.ProgressLine.of(50, 200, 2.5, 3.25))
                .isEqualTo("[######..................]  25 %  step 50/200  loss 3.2500  2.50 steps/s  ETA 1 min 00 s");
    }

    @Test
    void unknownsAreLeftOut() {
        assertThat(RunFollower.ProgressLine.of(0, 0, 0, null)).isEqualTo("[........................]   0 %  step 0/?");
    }

    @Test
    void shardsOfAPreparationAreCountedUntilTheyAreCombined() {
        assertThat(RunFollower.describe(new Preparation(3, 8))).contains("3 of 8 shards");
        assertThat(RunFollower.describe(new Preparation(8, 8))).contains("combining 8 shards");
    }

    @Test
    void aFullBarHasNoTimeLeft() {
        assertThat(RunFollower.ProgressLine.of(200, 200, 2.5, null))
                .contains("100 %")
                .doesNotContain("ETA");
    }
}
