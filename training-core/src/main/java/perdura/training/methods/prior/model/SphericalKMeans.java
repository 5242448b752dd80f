package perdura.training.methods.prior.model;

import java.util.List;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * K-means by cosine, without chance: the first centre is the vector nearest to the mean direction, each following one the
 * vector farthest from those before, then 15 rounds of Lloyd's algorithm. A centre that no vector takes stays where it is.
 */
final class SphericalKMeans implements AutoCloseable {
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
