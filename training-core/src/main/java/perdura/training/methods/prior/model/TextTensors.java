package perdura.training.methods.prior.model;

import java.nio.LongBuffer;
import java.util.List;
import java.util.function.IntUnaryOperator;
import perdura.datasets.data.DirectBuffers;
import perdura.datasets.text.EncodedReport;
import perdura.datasets.text.PaddedTexts;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** Whole numbers for the text side of a program. */
final class TextTensors {
    private TextTensors() {}

    /** Ids, attention mask and sentence map of texts [C, L], padded to the longest. */
    static List<Tensor> of(StepScope scope, List<EncodedReport> texts) {
        PaddedTexts padded = PaddedTexts.of(texts);
        return List.of(
                scope.longs(padded.ids(), padded.size(), padded.length()),
                scope.longs(padded.mask(), padded.size(), padded.length()),
                scope.longs(padded.map(), padded.size(), padded.length()));
    }

    /** [C * M], M the greatest number of sentences of a text: which sentence is a text's first, second and so on; T where it has none. */
    static Tensor places(StepScope scope, EncodedTexts texts) {
        int most = texts.mostSentences();
        return numbers(scope, Math.multiplyExact(texts.size(), most), i -> texts.sentence(i / most, i % most));
    }

    /** [n], int64, number i is {@code number.applyAsInt(i)}. */
    static Tensor numbers(StepScope scope, int size, IntUnaryOperator number) {
        LongBuffer numbers = DirectBuffers.longs(size);
        for (int i = 0; i < size; i++) {
            numbers.put(number.applyAsInt(i));
        }
        return scope.longs(numbers.flip(), size);
    }
}
