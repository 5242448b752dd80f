package perdura.experiments.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.experiments.reference.StoredPretraining.DATA;
import static perdura.experiments.reference.StoredPretraining.RUN;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialSpec;
import perdura.store.Checkpoints;
import perdura.store.Database;
import perdura.store.Runs;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.Tasks;

/** The best checkpoint of a pre-training, as a trial names it. */
class TestTrialReferences {
    private static final String PATH = "encoder";
    private static final TaskSchema TASK =
            Tasks.load().task("supervised-classification").schema();

    @TempDir
    private Path folder;

    private StoredPretraining stored;
    private TrialReferences references;

    @BeforeEach
    void start() throws IOException {
        stored = new StoredPretraining(folder);
        Database database = stored.database();
        references = new TrialReferences(new Runs(database), new Checkpoints(database), folder);
    }

    @AfterEach
    void stop() throws IOException {
        stored.close();
    }

    private static ResolvedTrial trial() {
        return new ResolvedTrial(
                new TrialSpec("supervised-classification", 1, Parameters.none(), 1),
                new TreeMap<>(Map.of(PATH, "run:" + RUN + "@best")),
                "pretrain:" + DATA + "@best-of-8",
                new ResourceSpec("cpu", 1),
                new RetrySpec(1, Duration.ofSeconds(1)));
    }

    private String nameOf(PretrainSpec planned) {
        return Objects.requireNonNull(references
                        .input(trial(), TASK, run -> Optional.of(planned))
                        .encoders()
                        .get(PATH))
                .name();
    }

    @ParameterizedTest
    @CsvSource({
        "prior, validation.pairs=8, method prior has no selection metric",
        "sense, data.split=all, data.split: all trains on the validate split",
        "sense, validation.pairs=0, validation.pairs is 0"
    })
    void aPretrainingThatWillHaveNoBestCheckpointIsRefused(String method, String setting, String lack) {
        PretrainSpec spec = StoredPretraining.spec(method, setting);
        assertThatThrownBy(() -> nameOf(spec))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll(
                        "run pre-1 has no best checkpoint: " + lack,
                        "take that of a stage's end, one of " + spec.stageNumbers());
    }

    @Test
    void aPretrainingThatIsValidatedWillHaveOne() {
        assertThat(nameOf(StoredPretraining.spec("sense", "validation.pairs=8")))
                .isEqualTo("best checkpoint of run pre-1");
    }

    @Test
    void whyThereIsNoBestCheckpointIsNotGuessed() {
        stored.create(StoredPretraining.spec("sense", "validation.pairs=8"));
        assertNoBest("no epoch of it was validated");

        long fence = stored.begin(40);
        stored.keepBest(fence);
        assertThat(references.weights(trial()).get(PATH)).isInstanceOf(EncoderWeights.OfCheckpoint.class);

        new Checkpoints(stored.database()).markDamaged(RUN, 10, "a byte is wrong");
        assertNoBest("or the checkpoint is among the damaged ones, of steps [10]");
    }

    private void assertNoBest(String why) {
        assertThatThrownBy(() -> references.weights(trial()))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContainingAll("run pre-1 has no best checkpoint that is whole", why);
    }
}
