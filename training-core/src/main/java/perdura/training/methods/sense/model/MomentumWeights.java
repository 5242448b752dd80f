package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import perdura.training.checkpoint.HostTensor;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * The momentum network's weights (sense.md 2), under the names of the normal ones: the moving average of parameters and of BatchNorm's
 * running statistics. Frozen parameters are those of the normal network to the bit.
 */
public final class MomentumWeights implements AutoCloseable {
    private final Torch torch;
    private final Parameters normal;
    private final Parameters own;
    private final Script script;
    private final List<Tensor> followers = new ArrayList<>();
    private final List<Tensor> followed = new ArrayList<>();
    private final List<Tensor> copies = new ArrayList<>();
    private final List<Tensor> copied = new ArrayList<>();

    /**
     * A copy of the normal network as it is now.
     *
     * @param normal all of {@link Sense#layout}; they stay the caller's
     * @param momentum m, in [0, 1)
     */
    public MomentumWeights(Torch torch, Sense sense, Parameters normal, double momentum) {
        this(torch, sense.layout(), sense::isFrozen, normal, momentum);
    }

    MomentumWeights(
            Torch torch, StateDictLayout layout, Predicate<String> isFrozen, Parameters normal, double momentum) {
        this.torch = torch;
        this.normal = normal;
        this.own = layout.allocate(torch, normal.tensor(normal.names().get(0)).type());
        for (StateDictLayout.Entry entry : layout.entries()) {
            boolean isCopied = entry.counter();
            if (isCopied || !isFrozen.test(entry.name())) {
                (isCopied ? copies : followers).add(own.tensor(entry.name()));
                (isCopied ? copied : followed).add(normal.tensor(entry.name()));
            }
        }
        // th_hat + (1 - m)(th - th_hat)
        this.script = Script.compile(torch, """
                def follow(self: __torch__.Script, own: List[Tensor], other: List[Tensor]) -> List[Tensor]:
                  _0 = torch._foreach_lerp_(own, other, %s)
                  return annotate(List[Tensor], [])
                def copy(self: __torch__.Script, own: List[Tensor], other: List[Tensor]) -> List[Tensor]:
                  _0 = torch._foreach_copy_(own, other)
                  return annotate(List[Tensor], [])
                """.formatted(1 - momentum));
        restart();
    }

    /** Makes them those of the normal network. */
    public void restart() {
        try (StepScope scope = torch.newStep()) {
            script.call(scope, "copy", List.of(own.tensors(own.names()), normal.tensors(own.names())));
        }
    }

    /** One step of the moving average; counts of batches are copied. */
    public void follow(StepScope scope) {
        script.call(scope, "follow", List.of(followers, followed));
        script.call(scope, "copy", List.of(copies, copied));
    }

    /** The weights, for a {@link SenseEncoder}. */
    public Parameters parameters() {
        return own;
    }

    /** A copy in memory that the next call writes to again. */
    public List<HostTensor> copyState() {
        return own.copyOut();
    }

    /** Replaces all; {@link Parameters#copyIn(List)} says what is refused. */
    public void loadState(List<HostTensor> values) {
        own.copyIn(values);
    }

    @Override
    public void close() {
        script.close();
        own.close();
    }
}
