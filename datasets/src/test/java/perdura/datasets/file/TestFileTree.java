package perdura.datasets.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFileTree {
    @TempDir
    private Path folder;

    @Test
    void aLinkGoesItselfAndWhatItNamesStays() throws IOException {
        Path others = Files.createDirectory(folder.resolve("others"));
        Path kept = Files.writeString(others.resolve("kept"), "kept");
        Path tree = Files.createDirectories(folder.resolve("tree/inner"));
        Files.writeString(tree.resolve("file"), "goes");
        Files.createSymbolicLink(tree.resolve("toFolder"), others);
        Files.createSymbolicLink(tree.resolve("toFile"), kept);
        Files.createSymbolicLink(tree.resolve("toNothing"), folder.resolve("nothing"));

        FileTree.delete(folder.resolve("tree"));

        assertThat(folder.resolve("tree")).doesNotExist();
        assertThat(kept).hasContent("kept");
    }

    @Test
    void aLinkInPlaceOfTheFolderGoesItself() throws IOException {
        Path others = Files.createDirectory(folder.resolve("others"));
        Path kept = Files.writeString(others.resolve("kept"), "kept");
        Path link = Files.createSymbolicLink(folder.resolve("link"), others);

        FileTree.delete(link);

        assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(kept).exists();
    }

    @Test
    void whatIsGoneIsDeletedAlready() throws IOException {
        FileTree.delete(folder.resolve("nothing"));
        assertThat(FileTree.bytes(folder.resolve("nothing"))).isZero();
    }

    @Test
    void bytesAreOfTheFolderAlone() throws IOException {
        Path big = Files.write(folder.resolve("big"), new byte[1000]);
        Path tree = Files.createDirectories(folder.resolve("tree/inner"));
        Files.write(tree.resolve("file"), new byte[10]);
        Files.createSymbolicLink(tree.resolve("link"), big);
        assertThat(FileTree.bytes(folder.resolve("tree"))).isEqualTo(10);
    }
}
