package perdura.datasets.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.file.FileTree;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.testkit.FileDamage;

/**
 * An unfinished ingest whose files somebody has edited: it ends with the data set that an untouched one makes, or with one line
 * that names the file, and in the end with that data set when the folder that the line names is removed.
 */
@Timeout(120)
class TestDamagedParts {
    @TempDir
    private Path folder;

    private Path artifacts = Path.of("");

    private String digest = "";

    @BeforeEach
    void makeTheSet() throws IOException {
        artifacts = folder.resolve("artifacts");
        IngestSpec spec = new TestingMimic(folder.resolve("set"))
                .study("10000001", "50000001", "AP", "train")
                .study("10000002", "50000002", "PA", "test")
                .written();
        digest = TestingMimic.ingest(spec, folder.resolve("untouched")).header().digest();
    }

    private Ingest open() {
        return Ingest.open(TestingMimic.spec(folder.resolve("set"), 4), artifacts, DurableEffects.counting());
    }

    /** All that comes before the parts are joined; the folder of the unfinished ingest. */
    private Path begin() throws IOException {
        try (Ingest ingest = open()) {
            ingest.plan(() -> {});
            ingest.make(0, () -> {});
        }
        try (Stream<Path> all = Files.list(artifacts.resolve("datasets"))) {
            return all.filter(path -> path.getFileName().toString().startsWith(".ingest-"))
                    .findAny()
                    .orElseThrow();
        }
    }

    private static Path find(Path work, String name) throws IOException {
        try (Stream<Path> all = Files.walk(work)) {
            return all.filter(path -> path.getFileName().toString().equals(name))
                    .findAny()
                    .orElseThrow();
        }
    }

    private void assertRefused(Throwable thrown, Path file) {
        assertThat(thrown).as("of " + file).isInstanceOfSatisfying(PerduraException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA);
            assertThat(e.getMessage())
                    .startsWith(file + ": ")
                    .contains(String.valueOf(file.getParent()))
                    .hasSizeLessThan(2_000)
                    .doesNotContain("\n", "\u001b", "\u0000", "Exception", "[Source");
        });
    }

    private static void restore(Path file, byte[] sound) throws IOException {
        FileTree.delete(file);
        Files.write(file, sound);
    }

    private static boolean changesSize(FileDamage damage) {
        return damage != FileDamage.FLIPPED && damage != FileDamage.ZEROS;
    }

    @ParameterizedTest
    @ValueSource(strings = {"samples.jsonl", "stamps.jsonl", "part.json", "images.bin"})
    void aDamagedPartIsMadeAnew(String name) throws Exception {
        Path file = find(begin(), name);
        byte[] sound = Files.readAllBytes(file);
        for (FileDamage damage : FileDamage.values()) {
            if (!name.equals("images.bin") || changesSize(damage)) {
                damage.apply(file);
                try (Ingest ingest = open()) {
                    ingest.make(0, () -> {});
                }
                assertThat(file).as(damage.name()).hasBinaryContent(sound);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"samples.jsonl", "stamps.jsonl", "part.json", "images.bin", "plan.json"})
    void joiningTellsWhatIsDamaged(String name) throws Exception {
        Path file = find(begin(), name);
        byte[] sound = Files.readAllBytes(file);
        try (Ingest ingest = open()) {
            for (FileDamage damage : FileDamage.values()) {
                if (damage == FileDamage.MISSING || damage == FileDamage.DANGLING_LINK || !changesSize(damage)) {
                    continue; // what is missing may be another process's work; a flipped bit may be in a text
                }
                damage.apply(file);
                assertRefused(
                        catchThrowable(() -> ingest.finish(() -> {})),
                        name.equals("samples.jsonl") && damage == FileDamage.EMPTY
                                ? file.resolveSibling("images.bin") // which then has too many
                                : file);
                restore(file, sound);
            }
            FileDamage.FOLDER.apply(file);
            FileTree.delete(Objects.requireNonNull(file.getParent()));
            assertThat(ingest.finish(() -> {}).digest()).isEqualTo(digest);
        }
    }

    @Test
    void aDamagedListOfSamplesIsTold() throws Exception {
        try (Ingest ingest = open()) {
            ingest.plan(() -> {});
            Path file = find(artifacts, "00000.jsonl");
            byte[] sound = Files.readAllBytes(file);
            for (FileDamage damage : FileDamage.values()) {
                if (damage != FileDamage.MISSING && damage != FileDamage.DANGLING_LINK && changesSize(damage)) {
                    damage.apply(file);
                    assertRefused(catchThrowable(() -> ingest.make(0, () -> {})), file);
                    restore(file, sound);
                }
            }
            FileDamage.FOLDER.apply(file);
            FileTree.delete(Objects.requireNonNull(file.getParent()));
            assertThat(ingest.makeAll(1, () -> {}).digest()).isEqualTo(digest);
        }
    }

    @Test
    void whereTheLastDataSetLiesIsNoWayOut() throws Exception {
        begin();
        for (String newest : new String[] {"../../set", "a\u0000b", "x".repeat(9 << 20), ""}) {
            try (Ingest ingest = open()) {
                assertThat(ingest.makeAll(1, () -> {}).digest()).isEqualTo(digest);
                try (Stream<Path> all = Files.list(artifacts.resolve("datasets"))) {
                    for (Path file : all.filter(
                                    path -> path.getFileName().toString().startsWith(".newest-"))
                            .toList()) {
                        Files.writeString(file, newest);
                    }
                }
                assertThat(ingest.makeAll(1, () -> {}).digest()).isEqualTo(digest);
            }
        }
    }
}
