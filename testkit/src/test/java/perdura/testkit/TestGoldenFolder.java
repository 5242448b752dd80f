package perdura.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fixtures are found without a property, whether tests start in a module or in the repository. */
class TestGoldenFolder {
    private final @Nullable String before = System.getProperty(GoldenFolder.PROPERTY);

    @TempDir
    private Path folder;

    @AfterEach
    void restoreProperty() {
        if (before == null) {
            System.clearProperty(GoldenFolder.PROPERTY);
        } else {
            System.setProperty(GoldenFolder.PROPERTY, before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prior/whole_stage1", "sense/whole_epoch", "dense/unet"})
    void fixturesAreInTheRepository(String fixture) {
        System.clearProperty(GoldenFolder.PROPERTY);
        assertThat(GoldenTensors.load(fixture).names("")).isNotEmpty();
    }

    @Test
    void emptyPropertyIsNone() {
        System.setProperty(GoldenFolder.PROPERTY, "");
        assertThat(GoldenFolder.resolve("prior")).isDirectory().isEqualTo(Repository.resolve("reference/golden/prior"));
    }

    @Test
    void propertyTakesPrecedence() {
        System.setProperty(GoldenFolder.PROPERTY, folder.toString());
        assertThat(GoldenFolder.resolve("prior/lam.json")).isEqualTo(folder.resolve("prior/lam.json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "module", "module/src/test"})
    void rootIsTheNearestFolderWithFixtures(String workingFolder) throws IOException {
        Files.createDirectories(folder.resolve("reference/golden"));
        Path start = Files.createDirectories(folder.resolve(workingFolder)).normalize();
        assertThat(Repository.rootAbove(start)).isEqualTo(folder);
    }

    @Test
    void folderOutsideOfTheRepositoryIsAnError() {
        assertThatThrownBy(() -> Repository.rootAbove(folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(folder.toString());
    }
}
