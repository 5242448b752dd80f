package perdura.activities.worker;

import io.temporal.client.ActivityCompletionException;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Turns what an activity throws into Temporal's failures. Whatever is not ours is a bug, and not retried. */
final class FailureTranslation extends WorkerInterceptorBase {
    @Override
    public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
        return new ActivityInboundCallsInterceptorBase(next) {
            @Override
            public ActivityOutput execute(ActivityInput input) {
                try {
                    return super.execute(input);
                } catch (TemporalFailure | ActivityCompletionException e) {
                    throw e;
                } catch (PerduraException e) {
                    throw Failures.toApplicationFailure(e);
                } catch (OutOfMemoryError e) {
                    throw Failures.toApplicationFailure(new PerduraException(
                            ErrorCode.OUT_OF_MEMORY,
                            "the worker's heap of " + (Runtime.getRuntime().maxMemory() >> 20) + " MB is not enough",
                            e));
                } catch (RuntimeException e) {
                    throw Failures.toApplicationFailure(new PerduraException(ErrorCode.INTERNAL, "unexpected " + e, e));
                }
            }
        };
    }

    /** The only place where our errors become Temporal's. */
    static final class Failures {
        /** While it drains, a worker may be handed the same task again for some seconds. */
        private static final Duration AFTER_PREEMPTION = Duration.ofSeconds(10);

        /** The supervisor does the back-off when it restarts the process. */
        private static final Duration AFTER_DEATH = Duration.ofMillis(100);

        private Failures() {}

        static ApplicationFailure toApplicationFailure(PerduraException e) {
            ApplicationFailure.Builder failure = ApplicationFailure.newBuilder()
                    .setType(e.code().name())
                    .setMessage(e.getMessage())
                    .setNonRetryable(!e.code().isRetryable());
            Duration delay = nextRetryDelay(e.code());
            if (delay != null) {
                failure.setNextRetryDelay(delay);
            }
            Throwable cause = e.getCause();
            if (cause != null) {
                failure.setCause(cause);
            }
            return failure.build();
        }

        private static @Nullable Duration nextRetryDelay(ErrorCode code) {
            return switch (code) {
                case PREEMPTED -> AFTER_PREEMPTION;
                case WORKER_DIED -> AFTER_DEATH;
                default -> null; // the back-off of the workflow's retry options
            };
        }
    }
}
