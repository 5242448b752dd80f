package perdura.datasets.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * WordPiece as Bio_ClinicalBERT's tokeniser does it (prior.md 1.5), with the ids of Hugging Face's {@code BertTokenizerFast}:
 * special pieces stand for themselves; what is left is lower-cased, without accents and control characters, cut at blanks and
 * around punctuation marks and Chinese characters, and matched longest piece first.
 */
public final class WordPieceTokenizer {
    private static final int LONGEST_WORD = 100;
    private static final Pattern SPECIAL = Pattern.compile("\\[(?:PAD|UNK|CLS|SEP|MASK)]");

    private static final WordPieceCharacters CHARACTERS = WordPieceCharacters.load();

    private final Vocabulary vocabulary;

    public WordPieceTokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /**
     * The ids of a text's pieces, without the special pieces at its ends. A word without a match is one {@code [UNK]}; half a
     * surrogate pair is left out.
     */
    public int[] tokenize(String text) {
        IntStream.Builder ids = IntStream.builder();
        Matcher special = SPECIAL.matcher(text);
        int start = 0;
        while (special.find()) {
            addWords(text.substring(start, special.start()), ids);
            ids.add(Objects.requireNonNull(vocabulary.id(special.group())));
            start = special.end();
        }
        addWords(text.substring(start), ids);
        return ids.build().toArray();
    }

    private void addWords(String text, IntStream.Builder ids) {
        for (String word : spaced(text).split(" ", -1)) {
            if (!word.isEmpty()) {
                pieces(word).forEach(ids::add);
            }
        }
    }

    /** Lower-case without accents, one blank for each white space, and blanks around what is a word by itself. */
    private String spaced(String text) {
        StringBuilder clean = new StringBuilder(text.length() + 16);
        text.codePoints()
                .filter(c -> !CHARACTERS.isDropped(c) && Character.getType(c) != Character.SURROGATE)
                .map(c -> CHARACTERS.isBlank(c) ? ' ' : c)
                .forEach(c -> append(clean, c, CHARACTERS.isIdeograph(c)));
        StringBuilder out = new StringBuilder(clean.length() + 16);
        Normalizer.normalize(clean, Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> !CHARACTERS.isMark(c))
                .map(CHARACTERS::small)
                .forEach(c -> append(out, c, CHARACTERS.isPunctuation(c)));
        return out.toString();
    }

    private static void append(StringBuilder out, int c, boolean isWord) {
        if (isWord) {
            out.append(' ').appendCodePoint(c).append(' ');
        } else {
            out.appendCodePoint(c);
        }
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
