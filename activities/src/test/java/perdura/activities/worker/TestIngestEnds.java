package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.experiments.submit.IngestStarter;
import perdura.experiments.submit.IngestStarter.Share;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.IngestStatus;
import perdura.store.Ingests;
import perdura.store.StoredIngest;
import perdura.workflows.IngestWorkflow;

/** However an ingest ends, its row says so. */
class TestIngestEnds {
    private static final String ID = "0123456789abcdef";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void anIngestThatFailsOrIsCancelledOrTerminatedIsNotRunningAnyMore() throws Exception {
        try (TestingPlatform platform = new TestingPlatform(folder)) {
            Ingests ingests = new Ingests(platform.database());
            IngestStarter starter = new IngestStarter(platform.client());
            IngestSpec spec = MimicCxrSynth.ingest(folder.resolve("nowhere"), 64, 4);
            String id = Ingest.key(spec);

            ingests.begin(id, "set", IngestSpecJson.write(spec));
            assertThat(starter.findFailure(id, Share.ALL)).isPresent();
            starter.start(id, Share.ALL);
            assertThat(starter.findFailure(id, Share.ALL)).isEmpty();
            stub(platform, id).terminate("by a test");
            assertThat(starter.findFailure(id, Share.ALL))
                    .hasValueSatisfying(reason -> assertThat(reason).contains("terminated"));

            ingests.begin(id, "set", IngestSpecJson.write(spec));
            assertThat(ingests.load("set").identity().ingestId()).isEqualTo(id);
            ingests.fail(id, StoredIngest.CANCELLED, "by a test");
            starter.start(id, Share.ALL);
            try (RunningSupervisor worker = platform.startWorker("w")) {
                assertThat(worker).isNotNull();
                await().atMost(PATIENCE).until(() -> !starter.isRunning(id, Share.ALL));
                assertThat(ingests.loadIngest(id).isCancelled()).isTrue();

                ingests.begin(id, "set", IngestSpecJson.write(spec));
                starter.start(id, Share.ALL);
                await().atMost(PATIENCE).until(() -> ingests.loadIngest(id).isEnded());
                StoredIngest failed = ingests.loadIngest(id);
                assertThat(failed.status()).isEqualTo(IngestStatus.FAILED);
                assertThat(failed.outcome().errorCode())
                        .as(failed.outcome().errorMessage())
                        .isEqualTo(ErrorCode.INVALID_DATA.name());
            }
        }
    }

    @Test
    void aMessageWithANulIsKept() throws IOException {
        try (TestingPlatform platform = new TestingPlatform(folder)) {
            Ingests ingests = new Ingests(platform.database());
            ingests.begin(ID, "set", "{}");
            ingests.fail(ID, ErrorCode.INVALID_DATA.name(), "row 1: value 'a\0b'");
            assertThat(ingests.load(ID).outcome().errorMessage()).isEqualTo("row 1: value 'a\\u0000b'");
        }
    }

    private static WorkflowStub stub(TestingPlatform platform, String id) {
        return platform.client().newUntypedWorkflowStub(IngestWorkflow.workflowId(id));
    }
}
