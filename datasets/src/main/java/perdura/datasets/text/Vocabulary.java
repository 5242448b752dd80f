package perdura.datasets.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.Sha256;

/** WordPiece pieces and their ids, in the numbering of BERT's cased vocabularies (prior.md 1.5). */
public final class Vocabulary {
    /** Id of {@code [PAD]}. */
    public static final int PAD = 0;
    /** Id of {@code [UNK]}. */
    public static final int UNKNOWN = 100;
    /** Id of {@code [CLS]}. */
    public static final int BEGIN = 101;
    /** Id of {@code [SEP]}. */
    public static final int END = 102;
    /** Id of {@code [MASK]}. */
    public static final int MASK = 103;

    private final List<String> pieces;
    private final Map<String, Integer> ids;
    private final String digest;

    private Vocabulary(List<String> pieces, Map<String, Integer> ids, String digest) {
        this.pieces = List.copyOf(pieces);
        this.ids = ids;
        this.digest = digest;
    }

    /**
     * Reads a vocabulary file: one piece a line, the first line has id 0.
     *
     * @throws PerduraException INVALID_DATA if the file is missing, isn't UTF-8, repeats a piece, has an empty line, or
     *     numbers the five special pieces in another way
     */
    public static Vocabulary read(Path file) {
        byte[] bytes;
        try {
            bytes = RegularFile.read(file, ReadLimit.VOCABULARY_BYTES);
        } catch (IOException e) {
            throw invalid(
                    file + ": the vocabulary can't be read (" + RegularFile.reason(e)
                            + "); data.vocabulary must name a vocab.txt with one WordPiece a line",
                    e);
        }
        return parse(file, bytes);
    }

    private static Vocabulary parse(Path file, byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid(file + ": the vocabulary is not UTF-8; it must be a text with one WordPiece a line", e);
        }
        Map<String, Integer> ids = new HashMap<>();
        List<String> lines = text.lines().toList();
        for (int id = 0; id < lines.size(); id++) {
            String piece = lines.get(id);
            if (piece.isEmpty()) {
                throw invalid(file + ":" + (id + 1) + ": empty line; every line must hold one WordPiece", null);
            }
            Integer earlier = ids.putIfAbsent(piece, id);
            if (earlier != null) {
                throw invalid(
                        file + ":" + (id + 1) + ": piece '" + piece + "' stands on line " + (earlier + 1)
                                + " already; every piece must be there once",
                        null);
            }
        }
        checkSpecials(file, lines);
        return new Vocabulary(lines, ids, Sha256.of(bytes));
    }

    private static void checkSpecials(Path file, List<String> lines) {
        Map<String, Integer> specials = new LinkedHashMap<>();
        specials.put("[PAD]", PAD);
        specials.put("[UNK]", UNKNOWN);
        specials.put("[CLS]", BEGIN);
        specials.put("[SEP]", END);
        specials.put("[MASK]", MASK);
        if (lines.size() <= MASK + 1) {
            throw invalid(
                    file + ": the vocabulary has " + lines.size() + " lines; it must have more than " + (MASK + 1)
                            + ", with [PAD] on line 1 and [UNK], [CLS], [SEP], [MASK] on lines 101 to 104",
                    null);
        }
        specials.forEach((piece, id) -> {
            if (!lines.get(id).equals(piece)) {
                throw invalid(
                        file + ":" + (id + 1) + ": piece '" + lines.get(id) + "' must be " + piece + " (id " + id
                                + "), as in the vocabularies of BERT-base-cased and Bio_ClinicalBERT",
                        null);
            }
        });
    }

    /** Pieces of the vocabulary; ids are below it. */
    public int size() {
        return ids.size();
    }

    /** SHA-256 of the file, 64 hexadecimal digits. */
    public String digest() {
        return digest;
    }

    /** The piece of an id; one that continues a word begins with {@code ##}. */
    public String piece(int id) {
        return pieces.get(id);
    }

    /** The id of a piece, or null. */
    @Nullable
    Integer id(String piece) {
        return ids.get(piece);
    }

    private static PerduraException invalid(String message, @Nullable Throwable cause) {
        return new PerduraException(ErrorCode.INVALID_DATA, message, cause);
    }
}
