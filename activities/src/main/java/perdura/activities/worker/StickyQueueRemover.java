package perdura.activities.worker;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;

/**
 * Takes the wish for a sticky queue out of completed workflow tasks. The embedded Temporal service never times such a
 * queue out, so that a workflow whose worker restarts would hang for ever.
 */
final class StickyQueueRemover implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            @SuppressWarnings("unchecked") // a message keeps its type
            public void sendMessage(Q message) {
                if (message instanceof RespondWorkflowTaskCompletedRequest completed) {
                    super.sendMessage(
                            (Q) completed.toBuilder().clearStickyAttributes().build());
                } else {
                    super.sendMessage(message);
                }
            }
        };
    }
}
