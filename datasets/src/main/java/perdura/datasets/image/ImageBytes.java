package perdura.datasets.image;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The bytes of an image file, unless they are absurdly many. */
final class ImageBytes {
    /** An uncompressed image of 16 bits that is ten times as large as a large radiograph. */
    private static final long MOST_BYTES = 256L << 20;

    private ImageBytes() {}

    /** @throws IOException if the file is missing, can't be read, or is larger than any image; the message says which */
    static byte[] read(Path file) throws IOException {
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new IOException("it has " + size + " bytes, an image has at most " + MOST_BYTES);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("no such file", e);
        } catch (FileSystemException e) { // its message is the path alone
            throw new IOException(e.getClass().getSimpleName(), e);
        }
    }
}
