package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import io.temporal.workflow.Functions.Func;
import io.temporal.workflow.Workflow;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A running workflow must survive an update of its code: histories of every released shape replay. */
class TestRecordedHistories {
    /** As workers do, it passes over fields of payloads that the code has no more. */
    private static final TestEnvironmentOptions OPTIONS = TestEnvironmentOptions.newBuilder()
            .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                    .setDataConverter(DefaultDataConverter.newDefaultInstance()
                            .withPayloadConverterOverrides(
                                    new JacksonJsonPayloadConverter(JacksonJsonPayloadConverter.newDefaultObjectMapper()
                                            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false))))
                    .build())
            .build();

    @ParameterizedTest
    @MethodSource("histories")
    void replays(Path history) throws Exception {
        replay(
                history,
                () -> new PretrainWorkflowImpl(ActivityTimeouts.STANDARD),
                () -> new SweepWorkflowImpl(ActivityTimeouts.STANDARD),
                () -> new ShardWorkflowImpl(ActivityTimeouts.STANDARD));
    }

    @ParameterizedTest
    @MethodSource("histories")
    void failsToReplayOnceTheCodeHasAnotherOrderOfEvents(Path history) {
        assertThatThrownBy(() -> replay(history, Changed::new, ChangedSweep::new, ChangedShard::new))
                .hasMessageContaining("TMPRL1100"); // the SDK's number of its non-determinism error
    }

    @Test
    void everyRecordedShapeIsThere() throws IOException, URISyntaxException {
        assertThat(histories().map(path -> path.getFileName().toString()))
                .contains(
                        "finished.json",
                        "slot-died.json",
                        "paused-and-stopped.json",
                        "failed.json",
                        "paused-before-dag.json",
                        "dag-failed.json",
                        "epochs-prepared.json",
                        "sweep-finished.json",
                        "sweep-shard-finished.json",
                        "sweep-steered.json",
                        "sweep-shard-steered.json");
    }

    static Stream<Path> histories() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(TestRecordedHistories.class.getResource("/histories"))
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return List.copyOf(files.sorted().toList()).stream();
        }
    }

    private static void replay(
            Path history, Func<PretrainWorkflow> pretrain, Func<SweepWorkflow> sweep, Func<ShardWorkflow> shard)
            throws Exception {
        try (TestWorkflowEnvironment environment = TestWorkflowEnvironment.newInstance(OPTIONS)) {
            Worker worker = environment.newWorker(TaskQueues.WORKFLOWS, WorkflowHarness.PATIENT);
            worker.registerWorkflowImplementationFactory(PretrainWorkflow.class, pretrain);
            worker.registerWorkflowImplementationFactory(SweepWorkflow.class, sweep);
            worker.registerWorkflowImplementationFactory(ShardWorkflow.class, shard);
            WorkflowReplayer.replayWorkflowExecution(
                    WorkflowExecutionHistory.fromJson(Files.readString(history)), worker);
        }
    }

    /** The workflow with one timer more at its start. */
    static final class Changed implements PretrainWorkflow {
        private final PretrainWorkflowImpl original = new PretrainWorkflowImpl(ActivityTimeouts.STANDARD);

        @Override
        public PretrainWorkflow.Result run(PretrainWorkflow.Input input) {
            Workflow.sleep(Duration.ofSeconds(1));
            return original.run(input);
        }

        @Override
        public void pause() {
            original.pause();
        }

        @Override
        public void resume() {
            original.resume();
        }

        @Override
        public void stop() {
            original.stop();
        }

        @Override
        public PretrainWorkflow.Progress progress() {
            return original.progress();
        }
    }

    /** The sweep with one timer more at its start. */
    static final class ChangedSweep implements SweepWorkflow {
        private final SweepWorkflowImpl original = new SweepWorkflowImpl(ActivityTimeouts.STANDARD);

        @Override
        public SweepWorkflow.Result run(SweepWorkflow.Input input) {
            Workflow.sleep(Duration.ofSeconds(1));
            return original.run(input);
        }

        @Override
        public void pause() {
            original.pause();
        }

        @Override
        public void resume() {
            original.resume();
        }

        @Override
        public void stop() {
            original.stop();
        }

        @Override
        public void cancel() {
            original.cancel();
        }

        @Override
        public void changed() {
            original.changed();
        }

        @Override
        public SweepWorkflow.Progress progress() {
            return original.progress();
        }
    }

    /** The shard with one timer more at its start. */
    static final class ChangedShard implements ShardWorkflow {
        private final ShardWorkflowImpl original = new ShardWorkflowImpl(ActivityTimeouts.STANDARD);

        @Override
        public ShardWorkflow.Result run(ShardWorkflow.Input input) {
            Workflow.sleep(Duration.ofSeconds(1));
            return original.run(input);
        }

        @Override
        public void command(ShardWorkflow.Command command) {
            original.command(command);
        }
    }
}
