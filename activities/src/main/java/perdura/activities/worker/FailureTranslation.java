package perdura.activities.worker;

import io.temporal.client.ActivityCompletionException;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.failure.TemporalFailure;
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
                } catch (RuntimeException e) {
                    throw Failures.toApplicationFailure(new PerduraException(ErrorCode.INTERNAL, "unexpected " + e, e));
                }
            }
        };
    }
}
