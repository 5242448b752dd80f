package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.workflows.DataActivities.PreparedRun;
import perdura.workflows.PretrainWorkflowImpl.SegmentPlan;

class TestSegmentPlan {
    @ParameterizedTest
    @CsvSource({
        "0, 1425, 28500, 1425",
        "1425, 1425, 28500, 2850",
        "1400, 1425, 28500, 2850",
        "0, 60, 1200, 240",
        "240, 60, 1200, 480",
        "1140, 60, 1200, 1200",
        "0, 7, 14, 14"
    })
    void endsAtAnEpochsEnd(long from, long stepsPerEpoch, long totalSteps, long until) {
        PreparedRun prepared = new PreparedRun("d", 1, stepsPerEpoch, totalSteps, false);

        assertThat(SegmentPlan.untilStep(from, prepared)).isEqualTo(until);
    }
}
