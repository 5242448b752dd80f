package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSealedFolder {
    @TempDir
    private Path folder;

    private SealedFolder sealed = new SealedFolder(Path.of("none"));

    @BeforeEach
    void seal() throws IOException {
        Files.createDirectory(folder.resolve("bin"));
        Files.writeString(folder.resolve("bin/server"), "program");
        Files.createSymbolicLink(folder.resolve("bin/alias"), Path.of("server"));
        sealed = new SealedFolder(folder);
        assertThat(sealed.isIntact()).isFalse();
        sealed.seal();
    }

    @Test
    void whatWasSealedIsIntact() throws IOException {
        assertThat(sealed.isIntact()).isTrue();
    }

    @Test
    void everyKindOfChangeIsSeen() throws IOException {
        Files.writeString(folder.resolve("bin/server"), "swapped");
        assertThat(sealed.isIntact()).as("changed").isFalse();
        Files.delete(folder.resolve("bin/server"));
        assertThat(sealed.isIntact()).as("missing").isFalse();
        Files.writeString(folder.resolve("bin/server"), "program");
        assertThat(sealed.isIntact()).as("as before").isTrue();
        Files.delete(folder.resolve("bin/alias"));
        Files.createSymbolicLink(folder.resolve("bin/alias"), Path.of("/bin/true"));
        assertThat(sealed.isIntact()).as("another link").isFalse();
    }

    @Test
    void aNewFileIsSeen() throws IOException {
        Files.writeString(folder.resolve("bin/sitecustomize.py"), "import os");
        assertThat(sealed.isIntact()).isFalse();
    }
}
