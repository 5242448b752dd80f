package perdura.activities.cpu;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import perdura.grids.read.SpecJson;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Runs;
import perdura.workflows.DataActivities;
import perdura.workflows.PreparedRun;

/** Checks the data of a run and plans its steps. */
public final class DataActivitiesImpl implements DataActivities {
    private static final Duration BEAT = Duration.ofSeconds(1);

    private final Runs runs;
    private final Function<PretrainSpec, DataPlan> check;

    /** @param check reads the whole data set of a spec */
    public DataActivitiesImpl(Runs runs, Function<PretrainSpec, DataPlan> check) {
        this.runs = runs;
        this.check = check;
    }

    @Override
    public PreparedRun prepareRun(String runId) {
        RunId id = new RunId(runId);
        PretrainSpec spec = SpecJson.read(runs.loadRun(id).spec());
        DataPlan plan = beating(Activity.getExecutionContext(), spec);
        runs.recordPlan(id, plan.dataDigest(), plan.totalSteps());
        return new PreparedRun(plan.dataDigest(), plan.studies(), plan.stepsPerEpoch(), plan.totalSteps());
    }

    private DataPlan beating(ActivityExecutionContext context, PretrainSpec spec) {
        ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "perdura-data-heartbeat");
            thread.setDaemon(true);
            return thread;
        });
        Future<?> beating = ticker.scheduleAtFixedRate(() -> beat(context), 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return check.apply(spec);
        } finally {
            beating.cancel(false);
            ticker.shutdownNow();
        }
    }

    private static void beat(ActivityExecutionContext context) {
        try {
            context.heartbeat("checking");
        } catch (ActivityCompletionException ignored) {
            // The check goes on: nobody waits for its answer any more, and it leaves nothing behind.
        }
    }
}
