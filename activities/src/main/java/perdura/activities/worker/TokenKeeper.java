package perdura.activities.worker;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.temporal.api.workflowservice.v1.PollActivityTaskQueueResponse;
import io.temporal.api.workflowservice.v1.RespondActivityTaskCanceledRequest;
import io.temporal.api.workflowservice.v1.RespondActivityTaskCompletedRequest;
import io.temporal.api.workflowservice.v1.RespondActivityTaskFailedRequest;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import perdura.activities.worker.TokenFolder.RunningActivity;
import perdura.activities.worker.TokenFolder.ServingProcess;

/** Keeps a token file from the moment an activity arrives until the service has its answer. */
final class TokenKeeper implements ClientInterceptor {
    private final TokenFolder tokens;
    private final String worker;
    private final String identity;
    private final ProcessIdentity process = ProcessIdentity.own();

    /** @param worker host, slot and process, as the store names the attempt */
    TokenKeeper(TokenFolder tokens, String worker) {
        this.tokens = tokens;
        this.worker = worker;
        this.identity = worker + "/" + UUID.randomUUID();
        tokens.addProcess(new ServingProcess(identity, process));
    }

    /** By which the service is to know this process. */
    String identity() {
        return identity;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            private @Nullable String answered;

            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onMessage(A message) {
                                if (message instanceof PollActivityTaskQueueResponse task) {
                                    taken(task);
                                }
                                super.onMessage(message);
                            }

                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                String token = answered;
                                if (token != null && isFinal(status)) {
                                    tokens.remove(token);
                                }
                                super.onClose(status, trailers);
                            }
                        },
                        headers);
            }

            @Override
            public void sendMessage(Q message) {
                answered = answeredToken(message);
                super.sendMessage(message);
            }
        };
    }

    private void taken(PollActivityTaskQueueResponse task) {
        if (!task.getTaskToken().isEmpty()) {
            tokens.add(new RunningActivity(
                    base64(task.getTaskToken()),
                    task.getWorkflowExecution().getWorkflowId(),
                    task.getActivityType().getName(),
                    process,
                    worker));
        }
    }

    private static @Nullable String answeredToken(Object message) {
        if (message instanceof RespondActivityTaskCompletedRequest completed) {
            return base64(completed.getTaskToken());
        }
        if (message instanceof RespondActivityTaskFailedRequest failed) {
            return base64(failed.getTaskToken());
        }
        if (message instanceof RespondActivityTaskCanceledRequest cancelled) {
            return base64(cancelled.getTaskToken());
        }
        return null;
    }

    /** The answer has arrived, or the service no longer waits for one. */
    private static boolean isFinal(Status status) {
        return status.isOk() || status.getCode() == Status.Code.NOT_FOUND;
    }

    private static String base64(ByteString token) {
        return Base64.getEncoder().encodeToString(token.toByteArray());
    }
}
