package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.workflows.SweepWorkflowImpl.ShardPlan;

class TestShardPlan {
    @Test
    void automaticIsFourShardsOfTheUsualWindow() {
        assertThat(ShardPlan.windows(0)).isEqualTo(List.of(25, 25, 25, 25));
    }

    @Test
    void windowsAreFilledOneAfterTheOther() {
        assertThat(ShardPlan.windows(1)).isEqualTo(List.of(1));
        assertThat(ShardPlan.windows(26)).isEqualTo(List.of(25, 1));
    }

    @Test
    void withManyTrialsAtOnceTheWindowsGrow() {
        assertThat(ShardPlan.windows(2000)).hasSize(16).containsOnly(125);
        assertThat(ShardPlan.windows(8001)).hasSize(17).endsWith(500, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 25, 26, 399, 400, 401, 417, 2000, 7999, 8000, 8001, 20_000})
    void windowsSumToTheConcurrency(int concurrency) {
        assertThat(ShardPlan.windows(concurrency).stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(concurrency);
        assertThat(ShardPlan.windows(concurrency)).allMatch(window -> window >= 1 && window <= 500);
    }

    @Test
    void moreTrialsAtOnceMakeNoWindowSmaller() {
        for (int concurrency = 1; concurrency < 9000; concurrency++) {
            List<Integer> fewer = ShardPlan.windows(concurrency);
            List<Integer> more = ShardPlan.windows(concurrency + 1);
            for (int shard = 0; shard < fewer.size(); shard++) {
                assertThat(more.get(shard)).isGreaterThanOrEqualTo(fewer.get(shard));
            }
        }
    }
}
