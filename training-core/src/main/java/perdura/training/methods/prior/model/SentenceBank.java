package perdura.training.methods.prior.model;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.data.DirectBuffers;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** First rows of the prototype bank from sentences (prior.md 2.7, {@code sentence-kmeans}): each is encoded alone, then clustered. */
public record SentenceBank(Torch torch, Parameters parameters, Prior prior) {
    /** Sentences of one call. */
    private static final int CHUNK = 64;

    /**
     * Replaces the bank's rows by the centres of the sentences' vectors, with the weights as they are.
     *
     * @param sentences ids of each, with those that begin and end a text, no longer than the position table; at least as many
     *     as there are prototypes
     */
    public void fill(List<long[]> sentences) {
        ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
        prior.bert().write(program);
        prior.tokenPool().write(program, "token_pool");
        program.function("encode", "ids: Tensor, attention_mask: Tensor, map: Tensor", "Tensor", """
                tokens = %s
                return torch.select(self.token_pool(p, tokens, map, 1), 1, 0)
                """.formatted(
                        program.linear("projection.text_local", "self.bert(p, ids, attention_mask)")));
        List<Tensor> arguments = program.arguments(parameters);
        try (Script script = Script.compile(torch, program.text());
                SphericalKMeans clustering =
                        new SphericalKMeans(torch, prior.spec().spb().initRounds());
                StepScope scope = torch.newStep()) {
            List<Tensor> vectors = new ArrayList<>();
            for (int from = 0; from < sentences.size(); from += CHUNK) {
                List<long[]> chunk = sentences.subList(from, Math.min(from + CHUNK, sentences.size()));
                vectors.add(script.call(scope, "encode", List.of(arguments), inputs(scope, chunk))
                        .get(0));
            }
            clustering.cluster(scope, vectors, parameters.tensor("spb.prototypes"));
        }
    }

    /** Ids, attention mask and sentence map [n, longest]; the first and the last id belong to no sentence. */
    private static Tensor[] inputs(StepScope scope, List<long[]> sentences) {
        int longest = sentences.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        LongBuffer ids = DirectBuffers.longs(sentences.size() * longest);
        LongBuffer mask = DirectBuffers.longs(sentences.size() * longest);
        LongBuffer map = DirectBuffers.longs(sentences.size() * longest);
        for (long[] sentence : sentences) {
            for (int i = 0; i < longest; i++) {
                ids.put(i < sentence.length ? sentence[i] : 0);
                mask.put(i < sentence.length ? 1 : 0);
                map.put(i > 0 && i < sentence.length - 1 ? 1 : -1);
            }
        }
        return new Tensor[] {
            scope.longs(ids.flip(), sentences.size(), longest),
            scope.longs(mask.flip(), sentences.size(), longest),
            scope.longs(map.flip(), sentences.size(), longest)
        };
    }

    /**
     * K-means by cosine, without chance: the first centre is the vector nearest to the mean direction, each following one the
     * vector farthest from those before, then 15 rounds of Lloyd's algorithm. A centre that no vector takes stays where it is.
     */
    static final class SphericalKMeans implements AutoCloseable {
        private static final String SCRIPT = """
                def cluster(self: __torch__.Script, vectors: List[Tensor], centres: Tensor) -> Tensor:
                  x = torch.cat(vectors, 0)
                  norms = torch.linalg_vector_norm(x, 2, [-1], True)
                  unit = torch.div(x, torch.clamp_min(norms, 1e-12))
                  count = torch.size(centres, 0)
                  direction = torch.mv(unit, torch.mean(unit, [0]))
                  next = torch.unsqueeze(torch.argmax(direction), 0)
                  nearest = torch.full_like(direction, -2.)
                  for i in range(count):
                    row = torch.index_select(unit, 0, next)
                    _0 = torch.copy_(torch.narrow(centres, 0, i, 1), row)
                    nearest = torch.maximum(nearest, torch.mv(unit, torch.select(row, 0, 0)))
                    next = torch.unsqueeze(torch.argmin(nearest), 0)
                  numbers = torch.arange(0, count, dtype=None, layout=None, device=x.device)
                  for i in range(%d):
                    own = torch.argmax(torch.matmul(unit, torch.t(centres)), 1)
                    member = torch.to(torch.eq(torch.unsqueeze(own, 0), torch.unsqueeze(numbers, 1)), x.dtype)
                    sums = torch.matmul(member, unit)
                    lengths = torch.linalg_vector_norm(sums, 2, [-1], True)
                    moved = torch.div(sums, torch.clamp_min(lengths, 1e-12))
                    _1 = torch.copy_(centres, torch.where(torch.gt(lengths, 1e-12), moved, centres))
                  return torch.mul_(centres, torch.mean(norms))
                """;

        private final Script script;

        /** @param rounds in which every vector goes to its nearest centre, and every centre into the middle of its vectors */
        SphericalKMeans(Torch torch, int rounds) {
            this.script = Script.compile(torch, SCRIPT.formatted(rounds));
        }

        /**
         * Replaces the centres, scaled to the mean norm of the vectors.
         *
         * @param vectors each [n, dim], together at least as many as there are centres
         * @param centres [K, dim]
         */
        void cluster(StepScope scope, List<Tensor> vectors, Tensor centres) {
            script.call(scope, "cluster", List.of(vectors), centres);
        }

        @Override
        public void close() {
            script.close();
        }
    }
}
