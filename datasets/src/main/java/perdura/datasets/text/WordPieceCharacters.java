package perdura.datasets.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The classes into which Hugging Face's {@code BertNormalizer} and {@code BertPreTokenizer} put characters. Java's own classes change
 * with the version of Unicode that a JDK knows, theirs don't. The file is written by {@code make_wordpiece.py}.
 */
final class WordPieceCharacters {
    private static final String FILE = "word-piece-characters.txt";

    private final BitSet dropped = new BitSet();
    private final BitSet blank = new BitSet();
    private final BitSet ideograph = new BitSet();
    private final BitSet mark = new BitSet();
    private final BitSet punctuation = new BitSet();
    private final Map<Integer, Integer> small = new HashMap<>();

    private WordPieceCharacters() {}

    static WordPieceCharacters load() {
        WordPieceCharacters characters = new WordPieceCharacters();
        try (InputStream file = WordPieceCharacters.class.getResourceAsStream(FILE)) {
            if (file == null) {
                throw new IllegalStateException("the resource " + FILE + " is missing");
            }
            new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII))
                    .lines()
                    .forEach(line -> characters.add(line.split(" ", -1)));
            return characters;
        } catch (IOException e) {
            throw new UncheckedIOException("the resource " + FILE + " can't be read", e);
        }
    }

    private void add(String[] range) {
        int first = Integer.parseInt(range[1], 16);
        int last = Integer.parseInt(range[2], 16);
        switch (range[0]) {
            case "dropped" -> dropped.set(first, last + 1);
            case "blank" -> blank.set(first, last + 1);
            case "ideograph" -> ideograph.set(first, last + 1);
            case "mark" -> mark.set(first, last + 1);
            case "punctuation" -> punctuation.set(first, last + 1);
            case "lower" -> {
                for (int c = first; c <= last; c += Integer.parseInt(range[3])) {
                    small.put(c, c + Integer.parseInt(range[4]));
                }
            }
            default -> throw new IllegalStateException("the resource " + FILE + " has a class " + range[0]);
        }
    }

    /** Control, format and private characters, and those that replace what can't be decoded: left out of a text. */
    boolean isDropped(int c) {
        return dropped.get(c);
    }

    boolean isBlank(int c) {
        return blank.get(c);
    }

    /** A Chinese character, which is a word by itself. */
    boolean isIdeograph(int c) {
        return ideograph.get(c);
    }

    /** An accent that follows its letter. */
    boolean isMark(int c) {
        return mark.get(c);
    }

    boolean isPunctuation(int c) {
        return punctuation.get(c);
    }

    /** The small letter of a capital one, anything else as it is. */
    int small(int c) {
        return small.getOrDefault(c, c);
    }
}
