package perdura.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;

class TestCheckpoint {
    private static final RunId RUN = new RunId("tiny-1");

    @TempDir
    Path root;

    private final DurableEffects effects = DurableEffects.counting();

    @Test
    void whatIsWrittenIsReadBack() {
        TrainState state = Tensors.state(1);
        Checkpoint written = writer(1).write(Tensors.POSITION, state, 5L);

        LoadedCheckpoint read = CheckpointReader.read(written.folder(), written.manifestDigest());

        assertThat(read).isEqualTo(new LoadedCheckpoint(Tensors.POSITION, written.stateDigest(), "c0ffee", 5L, state));
        assertThat(written.stateDigest()).isEqualTo(StateDigest.of(Tensors.POSITION, state));
    }

    @Test
    void theFolderIsNamedByPositionAndDigest() throws IOException {
        Checkpoint written = writer(1).write(Tensors.POSITION, Tensors.state(1), null);
        assertThat(written.folder())
                .isEqualTo(root.resolve("tiny-1")
                        .resolve("1-2-7-" + written.stateDigest().substring(0, 8)));
        assertThat(names(written.folder()))
                .containsExactly("MANIFEST.json", "optimizer.safetensors", "state.json", "weights.safetensors");
        assertThat(names(root.resolve("tiny-1"))).hasSize(1);
    }

    @Test
    void theManifestHasSizeAndDigestOfEachFile() throws IOException {
        Checkpoint written = writer(1).write(Tensors.POSITION, Tensors.state(1), 5L);
        JsonNode manifest = new ObjectMapper()
                .readTree(written.folder().resolve("MANIFEST.json").toFile());
        assertThat(manifest.get("format").asInt()).isEqualTo(2);
        assertThat(manifest.get("specHash").asText()).isEqualTo("c0ffee");
        assertThat(manifest.get("parentStep").asLong()).isEqualTo(5);
        long sum = Files.size(written.folder().resolve("MANIFEST.json"));
        for (var entry : manifest.get("files").properties()) {
            FileDigest actual = FileDigest.of(written.folder().resolve(entry.getKey()));
            assertThat(actual)
                    .isEqualTo(new FileDigest(
                            entry.getValue().get("sizeBytes").asLong(),
                            entry.getValue().get("sha256").asText()));
            sum += actual.sizeBytes();
        }
        assertThat(manifest.get("files")).hasSize(3);
        assertThat(written.sizeBytes()).isEqualTo(sum);
    }

    @Test
    void theStateDigestDependsOnEveryPartOfTheState() {
        String digest = StateDigest.of(Tensors.POSITION, Tensors.state(1));
        TrainState other = Tensors.state(1);
        assertThat(StateDigest.of(Tensors.POSITION, Tensors.state(1))).isEqualTo(digest);
        assertThat(List.of(
                        StateDigest.of(new Position(1, 2, 8), Tensors.state(1)),
                        StateDigest.of(Tensors.POSITION, Tensors.state(2)),
                        StateDigest.of(Tensors.POSITION, TrainState.ofWeights(other.weights())),
                        StateDigest.of(
                                Tensors.POSITION,
                                TrainState.ofWeights(List.of(
                                                Tensors.floats("conv2.weight", 1, 2, 3),
                                                other.weights().get(1)))
                                        .with(TrainState.OPTIMIZER, other.optimizer()))))
                .doesNotContain(digest)
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MANIFEST.json", "optimizer.safetensors", "state.json", "weights.safetensors"})
    void aFlippedByteIsFoundInEveryFile(String name) throws IOException {
        Checkpoint written = writer(1).write(Tensors.POSITION, Tensors.state(1), null);
        Path file = written.folder().resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        for (int at : new int[] {0, bytes.length / 2, bytes.length - 1}) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 1;
            Files.write(file, flipped);
            assertThatThrownBy(() -> CheckpointReader.read(written.folder(), written.manifestDigest()))
                    .asInstanceOf(type(PerduraException.class))
                    .satisfies(e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED);
                        assertThat(e)
                                .hasMessageMatching(".*" + name + ": SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}");
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MANIFEST.json", "optimizer.safetensors", "state.json", "weights.safetensors"})
    void aTruncatedOrMissingFileIsFound(String name) throws IOException {
        Checkpoint written = writer(1).write(Tensors.POSITION, Tensors.state(1), null);
        Path file = written.folder().resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(codeOfReading(written)).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED);
        Files.delete(file);
        assertThat(codeOfReading(written)).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED);
    }

    @Test
    void aMissingFolderIsDamageButAMissingStoreIsNot() {
        Checkpoint written = writer(1).write(Tensors.POSITION, Tensors.state(1), null);
        Checkpoint elsewhere = new Checkpoint(
                root.resolve("away").resolve("1-2-7-00000000"), Tensors.POSITION, "", written.manifestDigest(), 0);
        new CheckpointCleaner(root, RUN, effects).remove(written.folder());
        assertThat(codeOfReading(written)).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED);
        assertThat(codeOfReading(elsewhere)).isEqualTo(ErrorCode.ARTIFACT_STORE_UNAVAILABLE);
    }

    @Test
    void theSameStateWrittenAgainKeepsTheFolder() throws IOException {
        Checkpoint first = writer(1).write(Tensors.POSITION, Tensors.state(1), 3L);
        Checkpoint again = writer(2).write(Tensors.POSITION, Tensors.state(1), 5L);
        assertThat(again).isEqualTo(first);
        assertThat(names(root.resolve("tiny-1"))).hasSize(1);
        assertThat(CheckpointReader.read(again.folder(), again.manifestDigest()).parentStep())
                .isEqualTo(3);
    }

    @Test
    void aDamagedFolderOfTheSameStateIsReplaced() throws IOException {
        Checkpoint first = writer(1).write(Tensors.POSITION, Tensors.state(1), null);
        Files.write(first.folder().resolve("weights.safetensors"), new byte[3]);
        Checkpoint again = writer(2).write(Tensors.POSITION, Tensors.state(1), null);
        assertThat(again).isEqualTo(first);
        assertThat(CheckpointReader.read(again.folder(), again.manifestDigest()).state())
                .isEqualTo(Tensors.state(1));
        assertThat(names(root.resolve("tiny-1"))).hasSize(1);
    }

    @Test
    void whatAKilledWriterLeftIsOverwrittenByTheSameAttempt() throws IOException {
        Path leftover = Files.createDirectories(root.resolve("tiny-1/.writing-1-7"));
        Files.write(leftover.resolve("weights.safetensors"), new byte[3]);
        Checkpoint written = writer(1).write(Tensors.POSITION, Tensors.state(1), null);
        assertThat(CheckpointReader.read(written.folder(), written.manifestDigest())
                        .state())
                .isEqualTo(Tensors.state(1));
        assertThat(leftover).doesNotExist();
    }

    @Test
    void aStoreThatCannotBeWrittenIsReported() throws IOException {
        Files.createFile(root.resolve("tiny-1"));
        assertThatThrownBy(() -> writer(1).write(Tensors.POSITION, Tensors.state(1), null))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ARTIFACT_STORE_UNAVAILABLE))
                .satisfies(e -> assertThat(e).hasMessageContaining("the checkpoint of step 7"));
    }

    @Test
    void aSweepRemovesWhatDeadAttemptsLeftAndNothingElse() throws IOException {
        Checkpoint published = writer(1).write(new Position(1, 0, 3), Tensors.state(1), null);
        writer(1).write(new Position(1, 0, 5), Tensors.state(2), 3L);
        Path run = root.resolve("tiny-1");
        Files.createFile(Files.createDirectory(run.resolve(".writing-1-7")).resolve("weights.safetensors"));
        Files.createDirectory(run.resolve(".writing-2-7"));
        Files.createFile(
                Files.createDirectory(run.resolve(".removing-1-0-1-00000000")).resolve("state.json"));
        Files.createDirectory(run.resolve("notes"));

        new CheckpointCleaner(root, RUN, effects).sweep(2, List.of(published.folder()));

        assertThat(names(run))
                .containsExactly(
                        ".writing-2-7", published.folder().getFileName().toString(), "notes");
    }

    @Test
    void aFolderOfAnotherRunIsNotRemoved() {
        assertThatThrownBy(() -> new CheckpointCleaner(root, RUN, effects).remove(root.resolve("other/1-0-1-00000000")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyWriteSyncAndRenameIsCounted() {
        writer(1).write(Tensors.POSITION, Tensors.state(1), null);
        // the run's new folder synced; four files written and synced, their folder synced, renamed, the run's folder
        // synced
        assertThat(effects.instants()).isEqualTo(2 * (1 + 4 * 2 + 3));
    }

    private CheckpointWriter writer(long fence) {
        return new CheckpointWriter(root, RUN, fence, "c0ffee", effects);
    }

    private static ErrorCode codeOfReading(Checkpoint checkpoint) {
        try {
            CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest());
        } catch (PerduraException e) {
            return e.code();
        }
        throw new AssertionError("the checkpoint was read");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
