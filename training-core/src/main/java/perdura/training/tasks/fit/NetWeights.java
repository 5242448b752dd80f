package perdura.training.tasks.fit;

import java.util.List;
import java.util.function.Consumer;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.nn.Initializer;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/** The weights and buffers of a net on a device, which a training changes, and a copy of the best ones. Lives as long as its engine. */
public final class NetWeights {
    private static final String KEEP = """
            def keep(self: __torch__.Script, best: List[Tensor], now: List[Tensor]) -> Tensor:
              _0 = torch._foreach_copy_(best, now)
              return best[0]
            """;

    /** Which weights answer. */
    public enum Kind {
        /** Those of the training. */
        CURRENT,
        /** The copy. */
        BEST
    }

    private final Torch torch;
    private final Parameters current;
    private final Parameters best;
    private final Script keeping;

    /**
     * First weights that are a function of the run seed and of what is copied over them.
     *
     * @param copyOver told the weights once they have the seed's values
     */
    public NetWeights(Torch torch, StateDictLayout layout, long seed, Consumer<Parameters> copyOver) {
        this.torch = torch;
        this.current = layout.allocate(torch, ElementType.F32);
        this.best = layout.allocate(torch, ElementType.F32);
        this.keeping = Script.compile(torch, KEEP);
        Initializer.fill(torch, layout, current, seed);
        copyOver.accept(current);
    }

    public Torch torch() {
        return torch;
    }

    public Parameters of(Kind kind) {
        return kind == Kind.CURRENT ? current : best;
    }

    /** Copies the current ones over the best ones. */
    void keepBest() {
        try (StepScope scope = torch.newStep()) {
            keeping.call(scope, "keep", List.of(best.tensors(best.names()), current.tensors(best.names())));
        }
    }
}
