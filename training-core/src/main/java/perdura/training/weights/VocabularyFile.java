package perdura.training.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/** The vocab.txt of a BERT: a piece a line. */
final class VocabularyFile {
    private VocabularyFile() {}

    /**
     * Its bytes, if there is one.
     *
     * @param pieces rows of the word embedding
     * @throws PerduraException INVALID_WEIGHTS if it has another number of lines
     */
    static Optional<byte[]> read(Path file, int pieces) throws IOException {
        if (!isReadable(file)) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(file);
        if (lines(bytes) != pieces) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    file + ": has " + lines(bytes) + " pieces, the word embedding has " + pieces
                            + " rows; is it the vocabulary of other weights?");
        }
        return Optional.of(bytes);
    }

    /** Its bytes, if there is one and it has this number of lines. */
    static Optional<byte[]> find(@Nullable Path file, int pieces) throws IOException {
        return file == null || !isReadable(file)
                ? Optional.empty()
                : Optional.of(Files.readAllBytes(file)).filter(bytes -> lines(bytes) == pieces);
    }

    private static boolean isReadable(Path file) throws IOException {
        return Files.isRegularFile(file) && Files.size(file) <= ReadLimit.VOCABULARY_BYTES.most();
    }

    private static int lines(byte[] bytes) {
        int lines = bytes.length > 0 && bytes[bytes.length - 1] != '\n' ? 1 : 0;
        for (byte b : bytes) {
            lines += b == '\n' ? 1 : 0;
        }
        return lines;
    }
}
