package perdura.training.methods.sense.cluster;

import java.nio.FloatBuffer;
import java.util.List;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * The directions along which points differ most. A vector is told by its coordinates on them and by the length of what they leave out,
 * so that x.c is at most the product of what is told of both (Cauchy and Schwarz).
 */
final class PrincipalAxes implements AutoCloseable {
    /** Points that the axes are found from, for each coordinate. */
    private static final int SAMPLES = 8;

    private static final int BLOCK = 2048;

    /**
     * The axes need not be the best ones, but orthonormal to some 1e-13, which they are in float64. What the rounding of the length could
     * hide is added to its square.
     */
    private static final String SCRIPT = """
            def axes(self: __torch__.Script, sample: Tensor, count: Tensor) -> Tensor:
              x = torch.to(sample, 7)
              _0, v = torch.linalg_eigh(torch.mm(torch.t(x), x), "L")
              return torch.contiguous(torch.narrow(v, 1, torch.sub(torch.size(v, 1), int(count)), int(count)))
            def tell(self: __torch__.Script, rows: Tensor, axes: Tensor) -> Tensor:
              x = torch.to(rows, 7)
              p = torch.mm(x, axes)
              all = torch.sum(torch.mul(x, x), [1], True)
              kept = torch.sum(torch.mul(p, p), [1], True)
              rest = torch.add(torch.clamp_min(torch.sub(all, kept), 0), torch.mul(all, 1e-11))
              return torch.cpu(torch.to(torch.cat([p, torch.mul(torch.sqrt(rest), 1.0000003)], 1), 6))
            """;

    private final Torch torch;
    private final Script script;
    private final StepScope store;
    private final Tensor axes;
    private final int count;

    /** @param count of axes, less than the points' width */
    PrincipalAxes(Torch torch, Points points, int count) {
        this.torch = torch;
        this.script = Script.compile(torch, SCRIPT);
        this.store = torch.newStep();
        this.count = count;
        int width = points.width();
        int sampled = Math.min(points.count(), SAMPLES * width);
        float[] sample = new float[sampled * width];
        for (int i = 0; i < sampled; i++) {
            points.copy((int) ((long) points.count() * i / sampled), sample, i * width);
        }
        this.axes = script.call(
                        store,
                        "axes",
                        List.of(),
                        store.floats(FloatBuffer.wrap(sample), sampled, width),
                        store.scalar(count))
                .get(0);
    }

    /** Numbers of a row: a vector's coordinates on the axes, the length of the rest, and one that is left free. */
    int width() {
        return count + 2;
    }

    /** Tells points: rows that end with 1. */
    float[] tellPoints(Points points, Runnable alive) {
        float[] told = tell(points, alive);
        for (int i = 1; i <= points.count(); i++) {
            told[i * width() - 1] = 1;
        }
        return told;
    }

    /** Tells vectors, in rows of {@link #width}. */
    float[] tell(Points vectors, Runnable alive) {
        float[] told = new float[Math.multiplyExact(vectors.count(), width())];
        float[] rows = new float[Math.min(BLOCK, vectors.count()) * vectors.width()];
        for (int from = 0; from < vectors.count(); from += BLOCK) {
            int size = Math.min(BLOCK, vectors.count() - from);
            for (int i = 0; i < size; i++) {
                vectors.copy(from + i, rows, i * vectors.width());
            }
            try (StepScope scope = torch.newStep()) {
                Tensor block = scope.floats(FloatBuffer.wrap(rows, 0, size * vectors.width()), size, vectors.width());
                FloatBuffer found = script.call(scope, "tell", List.of(), block, axes)
                        .get(0)
                        .toFloats();
                for (int i = 0; i < size; i++) {
                    found.get(i * (count + 1), told, (from + i) * width(), count + 1);
                }
            }
            alive.run();
        }
        return told;
    }

    @Override
    public void close() {
        store.close();
        script.close();
    }
}
