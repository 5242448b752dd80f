package perdura.training.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        int lines = 0;
        for (byte b : bytes) {
            lines += b == '\n' ? 1 : 0;
        }
        lines += bytes.length > 0 && bytes[bytes.length - 1] != '\n' ? 1 : 0;
        if (lines != pieces) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    file + ": has " + lines + " pieces, the word embedding has " + pieces
                            + " rows; is it the vocabulary of other weights?");
        }
        return bytes;
    }
}
