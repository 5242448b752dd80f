package perdura.training.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** The vocab.txt beside a BERT. */
final class VocabularyFile {
    private VocabularyFile() {}

    /**
     * Its bytes.
     *
     * @param pieces rows of the word embedding
     * @throws PerduraException INVALID_WEIGHTS if it has another number of lines
     */
    static byte[] read(Path file, int pieces) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int lines = lines(bytes);
        if (lines != pieces) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    file + ": has " + lines + " pieces, the word embedding has " + pieces
                            + " rows; is it the vocabulary of other weights?");
        }
        return bytes;
    }

    /** Its bytes; empty if there is none any more, or it has another number of lines. */
    static Optional<byte[]> find(@Nullable Path file, int pieces) throws IOException {
        if (file == null || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        return Optional.of(Files.readAllBytes(file)).filter(bytes -> lines(bytes) == pieces);
    }

    private static int lines(byte[] bytes) {
        int lines = bytes.length > 0 && bytes[bytes.length - 1] != '\n' ? 1 : 0;
        for (byte b : bytes) {
            lines += b == '\n' ? 1 : 0;
        }
        return lines;
    }
}
