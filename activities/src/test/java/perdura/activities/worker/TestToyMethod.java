package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.experiments.figure.RunFigures;
import perdura.experiments.submit.IngestStarter;
import perdura.experiments.submit.PretrainSubmission.Created;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.SourceSet;
import perdura.store.Events;
import perdura.store.Forks.Fork;
import perdura.store.Ingests;
import perdura.store.Run;
import perdura.training.method.Methods;
import perdura.workflows.IngestWorkflow;

/** The example of docs/methods/your-own.md on the whole platform, which does not know it ({@link TestUnnamedMethod}). */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestToyMethod {
    private Path folder = Path.of("");
    private TestingPlatform platform;
    private RunningSupervisor worker;
    private PretrainSpec spec;
    private Run undisturbed;
    private long stepsPerEpoch;

    @BeforeAll
    @Timeout(240)
    void train(@TempDir Path shared) throws IOException {
        folder = shared;
        platform = new TestingPlatform(folder);
        worker = platform.startIngesting("worker");
        platform.writeData(60);
        spec = platform.spec("toy", "centred: true\n");
        undisturbed = platform.finished(spec);
        stepsPerEpoch = undisturbed.progress().position().step() / 3;
        assertThat(ToyPreparation.takeBegun(platform.artifacts())).isEqualTo(begun(0));
    }

    @AfterAll
    void stop() throws IOException {
        worker.close();
        platform.close();
    }

    /** Steps and shards that a run begins with this epoch if nobody kills it. */
    private List<String> begun(int epoch) {
        List<String> all = new ArrayList<>();
        for (long begin = epoch * stepsPerEpoch; begin < 3 * stepsPerEpoch; begin += stepsPerEpoch) {
            all.addAll(List.of("shard 0 at " + begin, "shard 1 at " + begin));
        }
        LongStream.range(epoch * stepsPerEpoch, 3 * stepsPerEpoch).forEach(step -> all.add("step " + step));
        return all.stream().sorted().toList();
    }

    @Test
    void killsWithinAShardAndWithinAnEpochLeaveTheBitsAlone() throws IOException {
        String shard = "shard 1 at " + stepsPerEpoch;
        ToyPreparation.killAt(platform.artifacts(), shard);
        ToyPreparation.killAt(platform.artifacts(), "step " + (2 * stepsPerEpoch + 1));

        Run killed = platform.finished(spec);

        assertThat(killed.progress().stateDigest())
                .isEqualTo(undisturbed.progress().stateDigest());
        assertThat(killed.binding().dataDigest())
                .isEqualTo(undisturbed.binding().dataDigest());
        assertThat(new Events(platform.database()).listEvents(killed.runId()))
                .filteredOn(event -> event.kind().equals("WORKER_DIED"))
                .hasSize(2);
        assertThat(platform.points(killed, "train/loss")).isEqualTo(platform.points(undisturbed, "train/loss"));
        List<String> shards = new ArrayList<>(begun(0));
        shards.removeIf(what -> what.startsWith("step"));
        shards.add(shard);
        assertThat(ToyPreparation.takeBegun(platform.artifacts()))
                .filteredOn(what -> what.startsWith("shard"))
                .containsExactlyInAnyOrderElementsOf(shards);
    }

    @Test
    void aForkTrainsItsStageFromTheCheckpointOfItsOrigin() throws IOException {
        Run same = fork();
        Run faster = fork("stages.1.learningRate=1e-2");
        Run again = fork("stages.1.learningRate=1e-2");

        assertThat(same.progress().stateDigest())
                .isEqualTo(undisturbed.progress().stateDigest());
        assertThat(faster.progress().stateDigest())
                .isNotEqualTo(undisturbed.progress().stateDigest())
                .isEqualTo(again.progress().stateDigest());
        assertThatThrownBy(() -> fork("dim=24"))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("dim is 24, of " + undisturbed.runId() + " 16");
    }

    /** What {@code perdura pretrain --from RUN --from-stage 2 --set SETTING} does. */
    private Run fork(String... settings) throws IOException {
        PretrainSpec wanted = Methods.load()
                .specs()
                .ofRun(undisturbed.identity().spec(), List.of(settings), ReferenceNames.digestsAlone());
        Created created = platform.submit(wanted, undisturbed, 2);
        Fork fork = created.fork().orElseThrow();
        assertThat(List.of(fork.originStep(), (long) fork.ended(), (long) fork.stage()))
                .containsExactly(2 * stepsPerEpoch, 1L, 2L);
        Run run = platform.finished(created.runId());
        assertThat(ToyPreparation.takeBegun(platform.artifacts())).isEqualTo(begun(2));
        return run;
    }

    @Test
    void aDownstreamTaskIsTriedOnItsEncoder() throws IOException {
        Run trial = platform.onlyTrial("""
            apiVersion: perdura/v1
            kind: Sweep
            name: probe
            task: linear-probe
            base: {dataset: %s, encoder: %s@2, view: centre, epochs: 1}
            matrix: {seeds: [1]}
            resources: {device: cpu, threads: 1}
            objective: {metric: auroc, goal: max}
            """.formatted(ingestRsna(), undisturbed.runId()));
        assertThat(platform.points(trial, "test/auroc"))
                .singleElement()
                .satisfies(auroc -> assertThat(auroc).isBetween(0.0, 1.0));
        ToyPreparation.takeBegun(platform.artifacts()); // of the trial
    }

    /** Through the platform, too; returns the digest of the data set. */
    private String ingestRsna() {
        Path root = folder.resolve("rsna");
        SynthConfig.Amount amount = new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 60);
        SyntheticSet.write(root, SynthConfig.standard(SynthConfig.Format.RSNA, amount, 11), 1, done -> {});
        IngestSpec ingest = new IngestSpec(
                SourceSet.RSNA,
                root,
                IngestSpec.Profile.STANDARD,
                64,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                IngestSpec.Sampling.STANDARD,
                false,
                false);
        String id = Ingest.key(ingest);
        new Ingests(platform.database()).begin(id, "rsna", IngestSpecJson.write(ingest));
        new IngestStarter(platform.client()).start(id, IngestStarter.Share.ALL);
        return platform.result(IngestWorkflow.workflowId(id), IngestWorkflow.Result.class)
                .digest();
    }

    @Test
    void itsFigureIsDrawn() {
        RunFigures figures = RunFigures.load(platform.database(), undisturbed.runId());
        List<String> lacks = new ArrayList<>();
        List<Path> drawn = figures.draw(figures.all(), folder, "cpu", 1, 1, lacks::add).values().stream()
                .flatMap(List::stream)
                .toList();
        assertThat(lacks).isEmpty();
        assertThat(drawn).singleElement().satisfies(file -> assertThat(file).isNotEmptyFile());
    }
}
