package perdura.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.DurableEffects;

class TestImageDigests {
    @TempDir
    Path folder;

    private DataSpec spec;
    private Path image;
    private Path kept;
    private String digest;

    @BeforeEach
    void readOnce() throws IOException {
        TestingDataSet data = new TestingDataSet(Files.createDirectories(folder.resolve("data")))
                .study("10000001", "50000001", "AP", "train")
                .study("10000002", "50000002", "PA", "train");
        spec = data.written();
        image = data.imageFile("10000001", "50000001", "a50000001");
        ImageDigests images = ImageDigests.none();
        digest = MimicCxrReader.read(spec, ImageCheck.DECODE, images).digest();
        kept = ImageDigests.file(folder.resolve("artifacts"), digest);
        images.write(kept, DurableEffects.counting());
    }

    @Test
    void anImageOfTheSameSizeAndTimeIsNotOpened() throws IOException {
        FileTime time = Files.getLastModifiedTime(image);
        Files.write(image, new byte[(int) Files.size(image)]); // no image at all, if anybody looked
        Files.setLastModifiedTime(image, time);

        assertThat(digestNow()).isEqualTo(digest);
    }

    @Test
    void anImageOfAnotherTimeIsReadAgain() throws IOException {
        later();
        assertThat(digestNow()).isEqualTo(digest);

        byte[] bytes = Files.readAllBytes(image);
        bytes[bytes.length / 2] ^= 1;
        Files.write(image, bytes);
        later();
        assertThat(digestNow()).isNotEqualTo(digest);
    }

    @Test
    void anImageOfAnotherSizeIsReadAgain() throws IOException {
        FileTime time = Files.getLastModifiedTime(image);
        byte[] other = Files.readAllBytes(folder.resolve("data/files/p10/p10000002/s50000002/a50000002.jpg"));
        assertThat(other.length).isNotEqualTo((int) Files.size(image));
        Files.write(image, other);
        Files.setLastModifiedTime(image, time);

        assertThat(digestNow()).isNotEqualTo(digest);
    }

    @Test
    void whatIsDamagedOrMissingIsNotBelieved() throws IOException {
        Files.write(image, Files.readAllBytes(folder.resolve("data/files/p10/p10000002/s50000002/a50000002.jpg")));
        String changed = digestNow();
        String text = Files.readString(kept);
        String stamp =
                FileStamp.of(image).sizeBytes() + " " + FileStamp.of(image).modifiedNanos();
        Files.writeString(kept, text.replaceFirst(" [0-9]+ [0-9]+ ", " " + stamp + " "));

        assertThat(digestNow()).isEqualTo(changed).isNotEqualTo(digest);
        Files.delete(kept);
        assertThat(digestNow()).isEqualTo(changed);
    }

    @Test
    void nothingOfAReportIsKept() throws IOException {
        assertThat(Files.readString(kept))
                .contains("a50000001.jpg", "a50000002.jpg")
                .doesNotContainIgnoringCase("lungs")
                .doesNotContain(folder.toString());
        try (Stream<Path> files = Files.list(kept.resolveSibling("."))) {
            assertThat(files.map(Path::getFileName)).containsExactly(kept.getFileName());
        }
    }

    private String digestNow() throws IOException {
        return MimicCxrReader.read(spec, ImageCheck.FRAME, ImageDigests.read(kept))
                .digest();
    }

    private void later() throws IOException {
        FileTime time = Files.getLastModifiedTime(image);
        Files.setLastModifiedTime(image, FileTime.from(time.toInstant().plus(Duration.ofSeconds(1))));
    }
}
