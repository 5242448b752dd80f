package perdura.activities.worker;

import io.temporal.client.ActivityCompletionClient;
import io.temporal.client.ActivityCompletionFailureException;
import io.temporal.client.ActivityNotExistsException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.worker.FailureTranslation.Failures;
import perdura.activities.worker.TokenFolder.RunningActivity;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Tells the service at once which attempts died with their process, instead of letting it wait for heartbeats. */
record DeathReporter(TokenFolder tokens, ActivityCompletionClient completion) {
    private static final Logger LOG = LoggerFactory.getLogger(DeathReporter.class);

    /**
     * Reports every dead process's activities that the predicate picks. What the service can't hear now stays for the next
     * call.
     *
     * @param how how they died, for people
     * @return what was reported now
     */
    List<RunningActivity> reportDead(Predicate<ProcessIdentity> which, String how) {
        List<RunningActivity> reported = new ArrayList<>();
        for (RunningActivity activity : tokens.list()) {
            if (which.test(activity.process()) && !activity.process().isAlive() && report(activity, how)) {
                tokens.remove(activity.taskToken());
                reported.add(activity);
            }
        }
        return reported;
    }

    private boolean report(RunningActivity activity, String how) {
        PerduraException death = new PerduraException(ErrorCode.WORKER_DIED, activity.worker() + " died: " + how);
        try {
            completion.completeExceptionally(
                    Base64.getDecoder().decode(activity.taskToken()), Failures.toApplicationFailure(death));
            LOG.warn(
                    "{} of {} died with {}: {}",
                    activity.activityType(),
                    activity.workflowId(),
                    activity.worker(),
                    how);
        } catch (ActivityNotExistsException e) {
            LOG.info(
                    "{} of {} had ended before {} died",
                    activity.activityType(),
                    activity.workflowId(),
                    activity.worker());
        } catch (ActivityCompletionFailureException e) {
            LOG.warn("the death of {} can't be reported yet: {}", activity.worker(), String.valueOf(e.getCause()));
            return false;
        }
        return true;
    }
}
