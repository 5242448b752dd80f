package perdura.datasets.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * WordPiece as Bio_ClinicalBERT's tokeniser does it (prior.md 1.5): lower-case, no accents, punctuation apart, longest
 * match first.
 */
public final class WordPieceTokenizer {
    private static final int LONGEST_WORD = 100;

    private final Vocabulary vocabulary;

    public WordPieceTokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** The ids of a text's pieces, without special pieces. A word without a match is one {@code [UNK]}. */
    public int[] tokenize(String text) {
        IntStream.Builder ids = IntStream.builder();
        for (String word : spaced(text).split(" ", -1)) {
            if (!word.isEmpty()) {
                pieces(word).forEach(ids::add);
            }
        }
        return ids.build().toArray();
    }

    /** Lower-case without accents, one blank for each white space, and blanks around each punctuation mark. */
    private static String spaced(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .forEach(c -> {
                    if (isBlank(c)) {
                        out.append(' ');
                    } else if (isPunctuation(c)) {
                        out.append(' ').appendCodePoint(c).append(' ');
                    } else {
                        out.appendCodePoint(c);
                    }
                });
        return out.toString();
    }

    private static boolean isBlank(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    private static boolean isPunctuation(int c) {
        if (c < 0x80) {
            return c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    private List<Integer> pieces(String word) {
        if (word.codePointCount(0, word.length()) > LONGEST_WORD) {
            return List.of(Vocabulary.UNKNOWN);
        }
        List<Integer> ids = new ArrayList<>();
        int start = 0;
        while (start < word.length()) {
            int end = word.length();
            Integer id = piece(word, start, end);
            while (id == null && end > start + 1) {
                end--;
                id = piece(word, start, end);
            }
            if (id == null) {
                return List.of(Vocabulary.UNKNOWN);
            }
            ids.add(id);
            start = end;
        }
        return ids;
    }

    private @Nullable Integer piece(String word, int start, int end) {
        String part = word.substring(start, end);
        return vocabulary.id(start == 0 ? part : "##" + part);
    }
}
