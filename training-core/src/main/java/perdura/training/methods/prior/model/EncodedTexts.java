package perdura.training.methods.prior.model;

import java.util.List;
import java.util.stream.IntStream;
import perdura.training.method.PairModel;
import perdura.training.torch.Tensor;

/**
 * Texts as a trained PRIOR reads them. The sentences of all texts lie one after the other, T in all, each text's in its own
 * order. Lives as long as the scope that it was made in.
 *
 * @param raw x [T, dim], the sentences before the bank
 * @param sentences S [T, dim]: what the bank makes of them without noise, at its temperature of evaluation; x again if the
 *     stage has no bank
 * @param queries S Wq2 of LAM, scaled
 * @param keys S Wk2 of LAM, scaled
 * @param global t_g [C, dim], not normalised
 * @param offsets number of each text's first sentence; C + 1 of them, the last is T
 */
public record EncodedTexts(
        Tensor raw, Tensor sentences, Tensor queries, Tensor keys, Tensor global, List<Integer> offsets)
        implements PairModel.Texts {
    public EncodedTexts {
        offsets = List.copyOf(offsets);
    }

    /** Texts C. */
    @Override
    public int size() {
        return offsets.size() - 1;
    }

    /** Sentences T of all texts. */
    @Override
    public int sentenceCount() {
        return offsets.get(size());
    }

    /** Sentences M of a text, at least 1. */
    public int sentenceCount(int text) {
        return offsets.get(text + 1) - offsets.get(text);
    }

    /** Sentences of the longest text. */
    int mostSentences() {
        return IntStream.range(0, size()).map(this::sentenceCount).max().orElseThrow();
    }

    /** The number of a text's sentence; T, which is none, where the text has no such sentence. */
    int sentence(int text, int index) {
        return index < sentenceCount(text) ? offsets.get(text) + index : sentenceCount();
    }

    /** Counts alone: no text and no vector. */
    @Override
    public String toString() {
        return "EncodedTexts[" + size() + " texts, " + sentenceCount() + " sentences]";
    }
}
