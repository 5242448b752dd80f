package perdura.training.optim;

import java.util.ArrayList;
import java.util.List;
import perdura.training.torch.Gradients;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** The Euclidean norm over all gradients together; agrees with {@code torch.nn.utils.clip_grad_norm_}. */
public final class GlobalNorm implements AutoCloseable {
    private static final String SCRIPT = """
            def norms(self: __torch__.Script, g: List[Tensor]) -> Tensor:
              return torch.stack(torch._foreach_norm(g, 2))
            def total(self: __torch__.Script, norms: Tensor) -> Tensor:
              return torch.linalg_vector_norm(norms, 2)
            def clip(self: __torch__.Script, g: List[Tensor], total: Tensor, greatest: Tensor) -> Tensor:
              factor = torch.clamp(torch.div(greatest, torch.add(total, 1e-06)), None, 1.)
              _0 = torch._foreach_mul_(g, torch.to(factor, total.dtype))
              return total
            """;

    private final Script script;
    private final Gradients gradients;
    private final List<Tensor> tensors;

    public GlobalNorm(Torch torch, Gradients gradients) {
        this.script = Script.compile(torch, SCRIPT);
        this.gradients = gradients;
        this.tensors = gradients.tensors(gradients.names());
    }

    /** The norm; not finite if any gradient is not. */
    public double measure(StepScope scope) {
        return total(scope).item();
    }

    /**
     * Multiplies all gradients by min(1, greatest / (norm + 1e-6)).
     *
     * @return the norm before
     */
    public double clip(StepScope scope, double greatest) {
        Tensor total = total(scope);
        script.call(scope, "clip", List.of(tensors), total, scope.scalar(greatest));
        return total.item();
    }

    /** The parameters whose gradient holds a value that is not finite. */
    public List<String> findNotFinite(StepScope scope) {
        double[] norms = script.call(scope, "norms", List.of(tensors)).get(0).toDoubles();
        List<String> found = new ArrayList<>();
        for (int i = 0; i < norms.length; i++) {
            if (!Double.isFinite(norms[i])) {
                found.add(gradients.names().get(i));
            }
        }
        return found;
    }

    private Tensor total(StepScope scope) {
        Tensor norms = script.call(scope, "norms", List.of(tensors)).get(0); // [parameters]
        return script.call(scope, "total", List.of(), norms).get(0); // []
    }

    @Override
    public void close() {
        script.close();
    }
}
