package perdura.datasets.synth;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;

/**
 * A small WordPiece vocabulary in BERT's cased numbering: [PAD], 99 unused pieces, the other four special pieces, single
 * characters, then the words of the grammar. Two long words come in two pieces, as in the real vocabulary.
 */
final class SynthVocabulary {
    private SynthVocabulary() {}

    /** The file's text: one piece a line. It doesn't depend on a seed. */
    static String text() {
        Set<String> pieces = new LinkedHashSet<>();
        pieces.add("[PAD]");
        for (int i = 1; i < 100; i++) {
            pieces.add("[unused" + i + "]");
        }
        pieces.addAll(List.of("[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (char c = '!'; c <= '~'; c++) {
            if (c < 'A' || c > 'Z') {
                pieces.add(String.valueOf(c));
            }
        }
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add("##" + c);
        }
        for (char c = '0'; c <= '9'; c++) {
            pieces.add("##" + c);
        }
        SortedSet<String> words = ReportPhrases.words();
        words.removeAll(List.of("cardiomegaly", "pneumothorax"));
        pieces.addAll(words);
        pieces.addAll(List.of("cardio", "##megaly", "pneumo", "##thorax"));
        return String.join("\n", pieces) + "\n";
    }
}
