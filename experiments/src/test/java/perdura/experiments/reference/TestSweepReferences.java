package perdura.experiments.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static perdura.experiments.reference.StoredPretraining.RUN;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.submit.ForkPoint;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Checkpoints;
import perdura.store.Forks;
import perdura.store.Runs;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.weights.WeightStore;

class TestSweepReferences {
    @TempDir
    private Path folder;

    private StoredPretraining stored;

    @BeforeEach
    void start() throws IOException {
        stored = new StoredPretraining(folder);
    }

    @AfterEach
    void stop() throws IOException {
        stored.close();
    }

    @Test
    void stagesAreKnownAsTheyEnd() {
        long fence = begin();
        stored.endStage(fence, new Position(2, 0, 200));
        stored.endStage(fence, new Position(3, 0, 230));

        assertThat(locators("pre-1@1", "pre-1@2", "pre-1@3", "pre-1"))
                .containsExactly(
                        Optional.of("run:pre-1@1"),
                        Optional.of("run:pre-1@2"),
                        Optional.empty(),
                        Optional.of("run:pre-1@2"));
        stored.endStage(fence, new Position(3, 6, 290));
        assertThat(locators("pre-1@1", "pre-1@2", "pre-1@3", "pre-1"))
                .containsExactly(
                        Optional.of("run:pre-1@1"),
                        Optional.of("run:pre-1@2"),
                        Optional.of("run:pre-1@3"),
                        Optional.of("run:pre-1@3"));
    }

    @Test
    void theBestCheckpointIsAnEncoderOfItsOwn() {
        long fence = begin();
        assertThat(locators("pre-1@best")).containsExactly(Optional.empty());
        stored.keepBest(fence);
        assertThat(locators("pre-1@best"))
                .as("a later checkpoint may be better")
                .containsExactly(Optional.empty());
        new Runs(stored.database()).finishRun(RUN, RunStatus.FINISHED, null, null);
        assertThat(locators("pre-1@best")).containsExactly(Optional.of("run:pre-1@best"));
        assertThat(references().target(Kind.WEIGHTS, "pre-1@best").identity())
                .endsWith("@best-of-" + spec().execution().validation().pairs());
    }

    @Test
    void aForkIsNotWhatItsSpecAloneSays() {
        stored.endStage(begin(), new Position(2, 0, 200));
        RunId forked = new RunId("fork-1");
        ForkPoint point = ForkPoint.find(
                new Runs(stored.database()).loadRun(RUN),
                new Checkpoints(stored.database()).listStageEnds(RUN),
                spec(),
                2);
        new Forks(stored.database())
                .create(point.mark(StoredPretraining.newRun(spec(), forked)), point.checkpoint(), point.stage());

        SweepReferences references = references();
        assertThat(references.target(Kind.WEIGHTS, "fork-1@1").identity())
                .isNotEqualTo(references.target(Kind.WEIGHTS, "pre-1@1").identity());
    }

    /** A command's own: what it has found once, it does not look for again. */
    private SweepReferences references() {
        return new SweepReferences(stored.database(), new WeightStore(folder));
    }

    private List<Optional<String>> locators(String... names) {
        SweepReferences references = references();
        return List.of(names).stream()
                .map(name -> references
                        .findDigest(Kind.WEIGHTS, name)
                        .map(digest -> references.target(Kind.WEIGHTS, name).locator()))
                .toList();
    }

    private static PretrainSpec spec() {
        return StoredPretraining.spec(PriorSpec.NAME);
    }

    private long begin() {
        stored.create(spec());
        return stored.begin(290);
    }
}
