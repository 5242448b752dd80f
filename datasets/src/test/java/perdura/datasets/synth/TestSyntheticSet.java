package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestSyntheticSet {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void theSameSettingsGiveTheSameBytesOnAnyNumberOfThreads(SynthConfig.Format format) throws IOException {
        SyntheticSet.write(folder.resolve("one"), SynthTree.config(format, 25, 7), 1, n -> {});
        SyntheticSet.write(folder.resolve("four"), SynthTree.config(format, 25, 7), 4, n -> {});
        SyntheticSet.write(folder.resolve("other"), SynthTree.config(format, 25, 8), 4, n -> {});
        Map<String, String> one = SynthTree.contents(folder.resolve("one"));
        assertThat(SynthTree.contents(folder.resolve("four"))).isEqualTo(one);
        assertThat(SynthTree.contents(folder.resolve("other"))).isNotEqualTo(one);
        assertThat(one).hasSizeGreaterThan(25).containsKeys(SyntheticSet.TRUTH, SyntheticSet.MARKER);
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries).hasSize(3); // nothing half-written stays
        }
    }

    /** The JPEG encoder belongs to the JDK and may differ; pixels, tables and texts are ours. */
    @ParameterizedTest
    @CsvSource({
        "MIMIC_CXR, 2ead0cd78f31abf3efc53ef5785991070f66d119cce1070c5693900666d2c54e",
        "CHEXPERT, ed7a1a083781c0a699b6816f3245cb4b5f6354d2017c7d0845db5dcf1b267ea4",
        "RSNA, 79e52a8a9bfbe5ba3cdd4f564a6fec936aedf5073405050eec06aae2b379a193",
        "SIIM, f6cfe1ace333e1e55dd99147623a35ff2f049e280ea52d1f60889cb9c7ea00d0",
    })
    void pixelsAndTextsAreTheSameOnEveryMachine(SynthConfig.Format format, String expected)
            throws IOException, NoSuchAlgorithmException {
        SynthConfig config = SynthTree.config(format, 12, 20260);
        Path root = folder.resolve("data");
        SyntheticSet.write(root, config, 2, n -> {});
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        SynthTree.contents(root).forEach((path, bytes) -> {
            digest.update(path.getBytes(StandardCharsets.UTF_8));
            if (!path.endsWith(".jpg") && !path.endsWith(".dcm")) {
                digest.update(HexFormat.of().parseHex(bytes));
            }
        });
        for (int number = 0; number < 12; number++) {
            Patient patient = Patient.draw(config, number);
            for (Visit visit : patient.visits()) {
                for (Shot.View view : Shot.View.values()) {
                    Shot shot = new Shot(0, view, 64, 80);
                    char[] levels =
                            ChestDrawing.draw(config, patient, visit, shot).levels();
                    ByteBuffer bytes = ByteBuffer.allocate(2 * levels.length);
                    bytes.asCharBuffer().put(levels);
                    digest.update(bytes);
                }
            }
        }
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(expected);
    }

    @Test
    void studiesAreThoseOfTheFirstPatients() throws IOException {
        List<Long> progress = new ArrayList<>();
        SyntheticSet.write(folder.resolve("studies"), SynthConfig.of(10, 7), 2, progress::add);
        SyntheticSet.write(
                folder.resolve("patients"), SynthTree.config(SynthConfig.Format.MIMIC_CXR, 10, 7), 2, n -> {});
        List<String> patients = Files.readAllLines(folder.resolve("patients").resolve(SyntheticSet.TRUTH));
        assertThat(Files.readAllLines(folder.resolve("studies").resolve(SyntheticSet.TRUTH)))
                .isEqualTo(patients.subList(0, 10));
        assertThat(patients).hasSizeGreaterThan(11);
        assertThat(progress).isSorted().endsWith(10L);
    }

    @Test
    void writingAgainChangesNothing() throws IOException {
        Path target = folder.resolve("a");
        SyntheticSet.write(target, SynthConfig.of(3, 7), 1, n -> {});
        Files.delete(target.resolve(SyntheticSet.TRUTH));
        SyntheticSet.write(target, SynthConfig.of(3, 7), 1, n -> {
            throw new IllegalStateException("nothing is to be written");
        });
        assertThat(target.resolve(SyntheticSet.TRUTH)).doesNotExist();
        refuses(target, SynthConfig.of(4, 7), target + " holds a synthetic data set with other settings");
        refuses(
                target,
                SynthConfig.of(3, 7).withDifficulty(0.6),
                target + " holds a synthetic data set with other settings");
    }

    @Test
    void aFolderWithOtherThingsIsRefused() throws IOException {
        Files.writeString(folder.resolve("thesis.txt"), "mine");
        refuses(
                folder,
                SynthConfig.of(3, 7),
                folder + " is not an empty folder; name a folder that is empty or doesn't exist");
        assertThat(Files.readString(folder.resolve("thesis.txt"))).isEqualTo("mine");
    }

    @Test
    void anEmptyFolderIsTaken() throws IOException {
        Path target = Files.createDirectory(folder.resolve("empty"));
        SyntheticSet.write(target, SynthConfig.of(2, 7), 1, n -> {});
        assertThat(target.resolve(SyntheticSet.MARKER)).exists();
    }

    @Test
    void aFailureLeavesNothing() throws IOException {
        assertThatIllegalStateException()
                .isThrownBy(() -> SyntheticSet.write(
                        folder.resolve("a"), SynthTree.config(SynthConfig.Format.RSNA, 40, 7), 2, done -> {
                            if (done == 3) {
                                throw new IllegalStateException("enough");
                            }
                        }))
                .withMessage("enough");
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries).isEmpty();
        }
    }

    private static void refuses(Path target, SynthConfig config, String message) {
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> SyntheticSet.write(target, config, 1, n -> {}))
                .withMessageStartingWith(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC));
    }
}
