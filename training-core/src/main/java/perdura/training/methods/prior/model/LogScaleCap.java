package perdura.training.methods.prior.model;

import java.util.List;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Caps both contrastive scales after every optimiser step (prior.md 2.5); the forward pass doesn't clamp. */
public final class LogScaleCap implements AutoCloseable {
    private static final String SCRIPT = """
            def cap(self: __torch__.Script, p: List[Tensor], greatest: Tensor) -> Tensor:
              _0 = torch._foreach_clamp_max_(p, torch.item(greatest))
              return torch.exp(torch.stack(p))
            """;

    private final Script script;
    private final List<Tensor> scales;
    private final double greatest;

    /** @param greatest what a scale may be at most; PRIOR's is 100 */
    public LogScaleCap(Torch torch, Parameters parameters, double greatest) {
        this.greatest = Math.log(greatest);
        this.script = Script.compile(torch, SCRIPT);
        this.scales = parameters.tensors(Prior.LOG_SCALES);
    }

    /** @return both scales after the cap, at most the greatest: global, local */
    public double[] apply(StepScope scope) {
        return script.call(scope, "cap", List.of(scales), scope.scalar(greatest))
                .get(0)
                .toDoubles();
    }

    @Override
    public void close() {
        script.close();
    }
}
