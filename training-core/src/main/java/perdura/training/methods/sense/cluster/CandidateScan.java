package perdura.training.methods.sense.cluster;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Scores points by centroids, a matrix product of rows that come from both, and tells the pairs that score enough. */
final class CandidateScan implements AutoCloseable {
    /** {@code score} fills the scores of some rows, {@code limit} says what is enough for each. */
    private static final String PAIRS = """
            def %s(self: __torch__.Script, x: Tensor, c: Tensor, limits: Tensor, rows: Tensor) -> Tensor:
              step = int(rows)
              n = torch.size(x, 0)
              k = torch.size(c, 0)
              ct = torch.t(c)
              scores = torch.empty([step, k], dtype=None, layout=None, device=x.device)
              enough = torch.empty([step, k], dtype=11, layout=None, device=x.device)
              found = annotate(List[Tensor], [])
              for i in range(torch.floordiv(torch.sub(torch.add(n, step), 1), step)):
                begin = torch.mul(i, step)
                size = ops.prim.min(step, torch.sub(n, begin))
                s = torch.mm(torch.narrow(x, 0, begin, size), ct, out=torch.narrow(scores, 0, 0, size))
                own = torch.unsqueeze(torch.narrow(limits, 0, begin, size), 1)
                limit = %s
                e = torch.ge(s, limit, out=torch.narrow(enough, 0, 0, size))
                pairs = torch.nonzero(torch.reshape(e, [-1]))
                _0 = torch.append(found, torch.add(pairs, torch.mul(begin, k)))
              return torch.cpu(torch.reshape(torch.cat(found, 0), [-1]))
            """;

    private static final String BEST = """
            def best(self: __torch__.Script, x: Tensor, c: Tensor, rows: Tensor) -> Tensor:
              step = int(rows)
              n = torch.size(x, 0)
              ct = torch.t(c)
              scores = torch.empty([step, torch.size(c, 0)], dtype=None, layout=None, device=x.device)
              found = annotate(List[Tensor], [])
              for i in range(torch.floordiv(torch.sub(torch.add(n, step), 1), step)):
                begin = torch.mul(i, step)
                size = ops.prim.min(step, torch.sub(n, begin))
                s = torch.mm(torch.narrow(x, 0, begin, size), ct, out=torch.narrow(scores, 0, 0, size))
                _0 = torch.append(found, torch.argmax(s, 1))
              return torch.cpu(torch.cat(found, 0))
            """;

    private final Script script;
    private final int rowsAtOnce;

    /** @param rowsAtOnce points whose scores lie in memory at once, at least 1 */
    CandidateScan(Torch torch, int rowsAtOnce) {
        this.script = Script.compile(
                torch,
                PAIRS.formatted("above", "own")
                        + PAIRS.formatted("near", "torch.sub(torch.amax(s, [1], True), own)")
                        + BEST);
        this.rowsAtOnce = rowsAtOnce;
    }

    /**
     * The pairs that score at least the point's limit.
     *
     * @param points [n, w]
     * @param centroids [k, w]
     * @param limits [n]
     * @return {@code point * k + centroid}, ascending; dies with the scope
     */
    LongBuffer above(StepScope scope, Tensor points, Tensor centroids, FloatBuffer limits) {
        return pairs(scope, "above", points, centroids, limits);
    }

    /** Like {@link #above}, but the limit is so much below the point's greatest score. */
    LongBuffer near(StepScope scope, Tensor points, Tensor centroids, FloatBuffer slacks) {
        return pairs(scope, "near", points, centroids, slacks);
    }

    private LongBuffer pairs(StepScope scope, String function, Tensor points, Tensor centroids, FloatBuffer limits) {
        Tensor each = scope.floats(limits, limits.remaining());
        return script.call(scope, function, List.of(), points, centroids, each, scope.scalar(rowsAtOnce))
                .get(0)
                .toLongs();
    }

    /** The centroid of each point's greatest score. */
    LongBuffer best(StepScope scope, Tensor points, Tensor centroids) {
        return script.call(scope, "best", List.of(), points, centroids, scope.scalar(rowsAtOnce))
                .get(0)
                .toLongs();
    }

    @Override
    public void close() {
        script.close();
    }
}
