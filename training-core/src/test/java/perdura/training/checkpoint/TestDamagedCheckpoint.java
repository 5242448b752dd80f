package perdura.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.testkit.FileDamage;

/**
 * Checkpoints that somebody has edited: they are damaged, so that the one before is taken, and the store is not; the same state
 * written again takes their place.
 */
@Timeout(30)
class TestDamagedCheckpoint {
    private static final RunId RUN = new RunId("tiny-1");

    private static final Set<FileDamage> OF_CONTENT =
            EnumSet.of(FileDamage.FLIPPED, FileDamage.PIPE, FileDamage.FOLDER, FileDamage.LINK_LOOP);

    @TempDir
    private Path root;

    private Checkpoint write() {
        return new CheckpointWriter(root, RUN, 1, "c0ffee", DurableEffects.counting())
                .write(Tensors.POSITION, Tensors.state(1), null);
    }

    private static void assertDamaged(Checkpoint checkpoint, Path file) {
        assertThatThrownBy(() -> CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest()))
                .isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED);
                    assertThat(e.getMessage())
                            .startsWith(file + ": ")
                            .hasSizeLessThan(1_000)
                            .doesNotContain("\n", "\u001b", "\u0000", "Exception");
                });
    }

    private void assertReplaced(Checkpoint checkpoint) {
        assertThat(write()).isEqualTo(checkpoint);
        assertThat(CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest())
                        .state())
                .isEqualTo(Tensors.state(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MANIFEST.json", "state.json", "weights.safetensors", "optimizer.safetensors"})
    void everyDamageOfAFileIsTold(String name) throws Exception {
        Checkpoint checkpoint = write();
        Path file = checkpoint.folder().resolve(name);
        byte[] sound = Files.readAllBytes(file);
        for (FileDamage damage : FileDamage.values()) {
            damage.apply(file);
            assertDamaged(checkpoint, file);
            Files.deleteIfExists(file);
            Files.write(file, sound);
        }
        damageAndReplace(checkpoint, file, FileDamage.FOLDER);
    }

    @ParameterizedTest
    @EnumSource
    void theSameStateReplacesADamagedCheckpoint(FileDamage damage) throws Exception {
        Checkpoint checkpoint = write();
        damageAndReplace(checkpoint, checkpoint.folder().resolve("MANIFEST.json"), damage);
    }

    private void damageAndReplace(Checkpoint checkpoint, Path file, FileDamage damage) throws Exception {
        damage.apply(file);
        assertReplaced(checkpoint);
    }

    @ParameterizedTest
    @EnumSource(names = {"TEXT", "PIPE", "LINK_LOOP", "DANGLING_LINK", "DEVICE"})
    void whatIsNoFolderIsDamagedAndReplaced(FileDamage damage) throws Exception {
        Checkpoint checkpoint = write();
        Path kept = root.resolve("kept");
        Files.move(checkpoint.folder(), kept);
        Files.createFile(checkpoint.folder());
        Files.write(checkpoint.folder(), new byte[9]);
        damage.apply(checkpoint.folder());
        assertThatThrownBy(() -> CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest()))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                .hasMessageContaining(checkpoint.folder().toString());
        assertReplaced(checkpoint);
        assertThat(kept.resolve("MANIFEST.json")).exists();
    }

    /** As the folder's own manifest decides whether the same state is there already, it may be hostile and sound at once. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"format\":2,\"files\":{},\"specHash\":\"c0ffee\"}",
                "{\"format\":2,\"files\":null,\"specHash\":\"c0ffee\"}",
                "{\"format\":2,\"files\":{\"state.json\":null},\"specHash\":\"c0ffee\"}",
                "{\"format\":2,\"files\":{\"state.json\":{\"sizeBytes\":0,\"sha256\":null}}}",
                "{\"format\":2,\"files\":{\"../../../secret\":{\"sizeBytes\":6,\"sha256\":\"00\"}}}",
                "{\"format\":2,\"files\":{\"a\\u0000b\":{\"sizeBytes\":6,\"sha256\":\"00\"}}}",
                "{\"format\":2,\"files\":{\"\":{\"sizeBytes\":4096,\"sha256\":\"00\"}}}"
            })
    void aManifestThatNamesOtherFilesIsReplaced(String manifest) throws IOException {
        Checkpoint checkpoint = write();
        Files.writeString(root.resolve("secret"), "secret");
        Files.writeString(checkpoint.folder().resolve("MANIFEST.json"), manifest);
        assertReplaced(checkpoint);
        assertThat(root.resolve("secret")).hasContent("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"format\":2,\"stage\":-1,\"epoch\":0,\"step\":0,\"sections\":[],\"stateDigest\":\"\",\"specHash\":\"\"}",
                "{\"format\":2,\"stage\":1,\"epoch\":0,\"step\":0,\"sections\":[\"other\"],\"stateDigest\":\"\",\"specHash\":\"\"}",
                "{\"format\":2,\"stage\":1,\"epoch\":0,\"step\":0,\"sections\":[null],\"stateDigest\":\"\",\"specHash\":\"\"}",
                "{\"format\":2,\"stage\":1,\"epoch\":0,\"step\":0,\"stateDigest\":null}",
                "{\"format\":2}"
            })
    void aStateThatIsNotOursIsReplaced(String state) throws IOException {
        Checkpoint checkpoint = write();
        Files.writeString(checkpoint.folder().resolve("state.json"), state);
        Files.writeString(checkpoint.folder().resolve("MANIFEST.json"), "{\"format\":2,\"files\":{}}");
        assertReplaced(checkpoint);
    }

    @ParameterizedTest
    @MethodSource("partDamages")
    void aPreparedPartIsMadeAnew(String name, FileDamage damage) throws Exception {
        PreparedEpoch epoch = new PreparedEpoch(root, RUN, 3, "", DurableEffects.counting());
        PreparedEpoch.Work work = folder -> Files.writeString(folder.resolve("a.txt"), "what was computed");
        Path part = epoch.keepShard(0, 1, work);
        damage.apply(part.resolve(name));
        assertThat(epoch.findShard(0, 1)).isEmpty();
        assertThat(epoch.keepShard(0, 1, work)).isEqualTo(part);
        assertThat(part.resolve("a.txt")).hasContent("what was computed");
        assertThat(epoch.findShard(0, 1)).contains(part);
    }

    static Stream<Arguments> partDamages() {
        return List.of("DIGESTS", "a.txt").stream()
                .flatMap(file -> Stream.of(FileDamage.values())
                        .filter(damage -> file.equals("DIGESTS") || OF_CONTENT.contains(damage))
                        .map(damage -> Arguments.of(file, damage)));
    }
}
