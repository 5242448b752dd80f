package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Cuts a batch and its noise into chunks. */
final class BatchCut implements AutoCloseable {
    /**
     * Some samples of a batch that follow each other.
     *
     * @param batch as of the whole batch, views of it
     * @param noise its part of the batch's noise
     * @param seed of its dropout
     * @param ofReports its share of the batch's reports
     * @param ofSentences its share of the batch's sentences
     */
    record Chunk(List<Tensor> batch, StageNoise noise, long seed, double ofReports, double ofSentences) {
        Tensor map() {
            return batch.get(3);
        }
    }

    private static final String SCRIPT = """
            def part(self: __torch__.Script, x: Tensor, begin: Tensor, length: Tensor) -> Tensor:
              return torch.narrow(x, 0, int(begin), int(length))
            """;

    private final Script script;

    BatchCut(Torch torch) {
        this.script = Script.compile(torch, SCRIPT);
    }

    /**
     * The chunks in order; the last one has what is left.
     *
     * @param batch images [B, 1, S, S], ids, attention mask and sentence map [B, L]
     * @param size samples of a chunk
     * @param sentences of each sample, as many as take part
     * @param seeds the seed of each chunk's dropout
     */
    List<Chunk> cut(
            StepScope scope, List<Tensor> batch, StageNoise noise, int size, int[] sentences, LongUnaryOperator seeds) {
        double all = sum(sentences, 0, sentences.length);
        List<Chunk> chunks = new ArrayList<>();
        for (int begin = 0; begin < sentences.length; begin += size) {
            int length = Math.min(size, sentences.length - begin);
            int from = begin;
            chunks.add(new Chunk(
                    batch.stream()
                            .map(whole -> part(scope, whole, from, length))
                            .toList(),
                    new StageNoise(
                            partOrNull(scope, noise.query(), begin, length),
                            partOrNull(scope, noise.requery(), begin, length),
                            partOrNull(scope, noise.keep(), begin, length)),
                    seeds.applyAsLong(chunks.size()),
                    (double) length / sentences.length,
                    sum(sentences, begin, length) / all));
        }
        return chunks;
    }

    private static double sum(int[] counts, int begin, int length) {
        double sum = 0;
        for (int i = begin; i < begin + length; i++) {
            sum += counts[i];
        }
        return sum;
    }

    private @Nullable Tensor partOrNull(StepScope scope, @Nullable Tensor whole, int begin, int length) {
        return whole == null ? null : part(scope, whole, begin, length);
    }

    private Tensor part(StepScope scope, Tensor whole, int begin, int length) {
        return script.call(scope, "part", List.of(), whole, scope.scalar(begin), scope.scalar(length))
                .get(0);
    }

    @Override
    public void close() {
        script.close();
    }
}
