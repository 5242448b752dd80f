package perdura.training.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.text.EncodedReport;
import perdura.datasets.text.Vocabulary;
import perdura.datasets.text.WordPieceTokenizer;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Texts that somebody made up, as a model reads them. */
public final class PromptTexts {
    private PromptTexts() {}

    /**
     * Cuts texts into pieces.
     *
     * @param textLength the model's
     * @param texts the sentences of each, at least one
     * @throws PerduraException INVALID_SPEC if a text is longer than {@code textLength} pieces, as what is cut off would not be
     *     seen, or a sentence has no word that the vocabulary knows
     */
    public static List<EncodedReport> encode(Vocabulary vocabulary, int textLength, List<List<String>> texts) {
        WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary);
        List<EncodedReport> encoded = new ArrayList<>(texts.size());
        for (List<String> text : texts) {
            List<int[]> sentences = new ArrayList<>(text.size());
            int length = 2;
            for (String sentence : text) {
                int[] pieces = tokenizer.tokenize(sentence);
                if (Arrays.stream(pieces).allMatch(piece -> piece == Vocabulary.UNKNOWN)) {
                    throw new PerduraException(
                            ErrorCode.INVALID_SPEC,
                            "no word of the prompt '" + sentence + "' is in the vocabulary of the pre-training");
                }
                sentences.add(pieces);
                length += pieces.length;
            }
            if (length > textLength) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        "the prompt '" + String.join(" ", text) + "' has " + length + " pieces, model.textLength is "
                                + textLength + "; take a shorter prompt");
            }
            encoded.add(EncodedReport.of(sentences, length));
        }
        return encoded;
    }
}
