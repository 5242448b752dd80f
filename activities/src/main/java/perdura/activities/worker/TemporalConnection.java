package perdura.activities.worker;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.temporal.api.workflowservice.v1.GetClusterInfoRequest;
import io.temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/** A connection to Temporal, whichever server it is. Thread-safe. */
public final class TemporalConnection implements AutoCloseable {
    // Long enough for the channel to send what is in flight; a dead server must not hold the exit.
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final WorkflowServiceStubs stubs;
    private final WorkflowClient client;
    private final boolean testServer;

    private TemporalConnection(WorkflowServiceStubs stubs, WorkflowClient client, boolean testServer) {
        this.stubs = stubs;
        this.client = client;
        this.testServer = testServer;
    }

    /**
     * Connects, waiting up to {@code patience} for a server that is away.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if it stays away; INVALID_SPEC if a certificate can't be read
     */
    public static TemporalConnection open(TemporalConfig config, Duration patience) {
        return open(config, patience, List.of(), null);
    }

    /** As {@link #open(TemporalConfig, Duration)}, for a process that takes activities. */
    static TemporalConnection open(TemporalConfig config, Duration patience, TokenKeeper keeper) {
        return open(config, patience, List.of(keeper), keeper.identity());
    }

    private static TemporalConnection open(
            TemporalConfig config, Duration patience, List<ClientInterceptor> interceptors, @Nullable String identity) {
        WorkflowServiceStubs probe = connect(config, options(config, interceptors), patience);
        boolean testServer = isTestServer(probe);
        WorkflowServiceStubs stubs = probe;
        if (testServer) {
            probe.shutdown();
            stubs = connect(config, options(config, withStickyQueueRemover(interceptors)), patience);
        }
        WorkflowClient client = WorkflowClient.newInstance(
                stubs,
                WorkflowClientOptions.newBuilder()
                        .setNamespace(config.namespace())
                        .setIdentity(identity)
                        .setDataConverter(dataConverter())
                        .build());
        return new TemporalConnection(stubs, client, testServer);
    }

    public WorkflowClient client() {
        return client;
    }

    /** Whether this is the embedded service, which keeps its state in memory and lacks most service methods. */
    public boolean isTestServer() {
        return testServer;
    }

    /** JSON that tolerates unknown fields, so that a worker reads what a newer one wrote. */
    public static DataConverter dataConverter() {
        ObjectMapper mapper = JacksonJsonPayloadConverter.newDefaultObjectMapper()
                .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        return DefaultDataConverter.newDefaultInstance()
                .withPayloadConverterOverrides(new JacksonJsonPayloadConverter(mapper));
    }

    @Override
    public void close() {
        stubs.shutdown();
        stubs.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        stubs.shutdownNow();
    }

    private static WorkflowServiceStubs connect(
            TemporalConfig config, WorkflowServiceStubsOptions.Builder options, Duration patience) {
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(options.build());
        try {
            stubs.connect(patience);
            return stubs;
        } catch (StatusRuntimeException | IllegalStateException e) {
            stubs.shutdownNow();
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "Temporal at " + config.address() + " did not answer within " + patience.toSeconds() + " s",
                    e);
        }
    }

    private static List<ClientInterceptor> withStickyQueueRemover(List<ClientInterceptor> interceptors) {
        List<ClientInterceptor> all = new ArrayList<>(interceptors);
        all.add(new StickyQueueRemover());
        return all;
    }

    private static WorkflowServiceStubsOptions.Builder options(
            TemporalConfig config, List<ClientInterceptor> interceptors) {
        WorkflowServiceStubsOptions.Builder options = WorkflowServiceStubsOptions.newBuilder()
                .setTarget(config.address())
                .setGrpcClientInterceptors(interceptors);
        if (config.isEncrypted()) {
            options.setSslContext(sslContext(config));
        }
        String apiKey = config.apiKey();
        if (apiKey != null) {
            options.addApiKey(() -> apiKey);
        }
        return options;
    }

    private static SslContext sslContext(TemporalConfig config) {
        try {
            SslContextBuilder builder = GrpcSslContexts.forClient();
            Path ca = config.tlsCa();
            if (ca != null) {
                builder.trustManager(pem(ca));
            }
            Path certificate = config.tlsCert();
            Path key = config.tlsKey();
            if (certificate != null && key != null) {
                builder.keyManager(pem(certificate), pem(key));
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "the certificates for Temporal can't be read (authority " + config.tlsCa() + ", certificate "
                            + config.tlsCert() + "): they must be PEM files, the key in PKCS#8",
                    e);
        }
    }

    private static InputStream pem(Path file) {
        try {
            return new ByteArrayInputStream(RegularFile.read(file, ReadLimit.CERTIFICATE_BYTES));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    file + ": the certificate or key for Temporal can't be read (" + RegularFile.reason(e) + ")",
                    e);
        }
    }

    /** The real server answers this call; the embedded one has not implemented it. */
    private static boolean isTestServer(WorkflowServiceStubs stubs) {
        try {
            stubs.blockingStub().getClusterInfo(GetClusterInfoRequest.getDefaultInstance());
            return false;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
        }
    }

    /**
     * Removes the request for a sticky queue from completed workflow tasks. The embedded Temporal service never times such a
     * queue out, so that a workflow whose worker restarts would hang for ever.
     */
    static final class StickyQueueRemover implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                @SuppressWarnings("unchecked") // a message keeps its type
                public void sendMessage(Q message) {
                    if (message instanceof RespondWorkflowTaskCompletedRequest completed) {
                        super.sendMessage((Q)
                                completed.toBuilder().clearStickyAttributes().build());
                    } else {
                        super.sendMessage(message);
                    }
                }
            };
        }
    }
}
