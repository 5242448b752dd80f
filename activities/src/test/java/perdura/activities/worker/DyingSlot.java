package perdura.activities.worker;

import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import java.nio.file.Path;
import java.time.Duration;
import perdura.grids.spec.DurableEffects;
import perdura.workflows.TaskQueues;
import perdura.workflows.TrainActivities;
import perdura.workflows.TrainActivities.SegmentResult;

/** A process that halts in the middle of a segment: arguments are the server's address and the worker's folder. */
final class DyingSlot {
    private DyingSlot() {}

    public static void main(String[] args) {
        TokenFolder tokens = new TokenFolder(Path.of(args[1]), DurableEffects.counting());
        TemporalConnection connection = TemporalConnection.open(
                TemporalConfig.plain(args[0]), Duration.ofSeconds(20), new TokenKeeper(tokens, "dying"));
        WorkerFactory factory = WorkerFactory.newInstance(
                connection.client(),
                WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslation())
                        .build());
        TrainActivities activities = input -> {
            Runtime.getRuntime().halt(DurableEffects.HALTED);
            return new SegmentResult(input.runId(), 0, "", "", false);
        };
        factory.newWorker(TaskQueues.GPU).registerActivitiesImplementations(activities);
        factory.start();
    }
}
