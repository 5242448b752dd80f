package perdura.training.optim;

import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.OptimizerSpec.Algorithm;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * Adam with L2 decay or AdamW (prior.md 3); agrees with {@code torch.optim.Adam} and {@code torch.optim.AdamW}. Every
 * parameter has its own moments and its own count of steps. A parameter that is in no group is left untouched. The
 * moments of parameter p are called {@code exp_avg.p} and {@code exp_avg_sq.p}, its count {@code step.p}.
 */
public final class FusedAdam implements AutoCloseable {
    /**
     * Parameters with a decay of their own.
     *
     * @param rateFactor what a step's learning rate is multiplied with
     */
    public record Group(List<String> names, double weightDecay, double rateFactor) {
        public Group {
            names = List.copyOf(names);
        }

        /** Parameters that learn at the step's rate. */
        public Group(List<String> names, double weightDecay) {
            this(names, weightDecay, 1);
        }
    }

    /** A group's tensors in a call's order: parameters, gradients, both moments, counts. */
    private record Bound(String function, List<List<Tensor>> tensors, double rateFactor) {}

    private final Script script;
    private final Parameters state;
    private final List<Bound> groups = new ArrayList<>();

    /**
     * An optimiser with zero moments.
     *
     * @param spec algorithm, betas and epsilon; the decay is the groups'
     * @param gradients hold the parameters of all groups
     */
    public FusedAdam(Torch torch, OptimizerSpec spec, Parameters parameters, Gradients gradients, List<Group> groups) {
        this.state = new Parameters(torch);
        StringBuilder functions = new StringBuilder();
        for (Group group : groups) {
            String function = "step" + this.groups.size();
            functions.append(function(function, spec, group.weightDecay()));
            for (String name : group.names()) {
                Tensor parameter = parameters.tensor(name);
                state.add("exp_avg." + name, parameter.type(), parameter.shape());
                state.add("exp_avg_sq." + name, parameter.type(), parameter.shape());
                state.add("step." + name, ElementType.F32, List.of());
            }
            this.groups.add(new Bound(
                    function,
                    List.of(
                            parameters.tensors(group.names()),
                            gradients.tensors(group.names()),
                            moments("exp_avg.", group),
                            moments("exp_avg_sq.", group),
                            moments("step.", group)),
                    group.rateFactor()));
        }
        this.script = Script.compile(torch, functions.toString());
    }

    private List<Tensor> moments(String prefix, Group group) {
        return state.tensors(group.names().stream().map(prefix::concat).toList());
    }

    private static String function(String name, OptimizerSpec spec, double weightDecay) {
        return """
                def %s(self: __torch__.Script, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], rate: Tensor) -> Tensor:
                  _0 = torch._foreach_add_(t, 1)
                  none = annotate(List[Tensor], [])
                  _1 = torch.%s(p, g, m, v, none, t, lr=rate, beta1=%s, beta2=%s, weight_decay=%s, eps=%s, amsgrad=False, maximize=False)
                  return rate
                """.formatted(
                        name,
                        spec.algorithm() == Algorithm.ADAM ? "_fused_adam_" : "_fused_adamw_",
                        spec.beta1(),
                        spec.beta2(),
                        weightDecay,
                        spec.epsilon());
    }

    /** Updates all parameters by their gradients. */
    public void step(StepScope scope, double learningRate) {
        for (Bound group : groups) {
            Tensor rate = scope.scalar(learningRate * group.rateFactor());
            script.call(scope, group.function(), group.tensors(), rate);
        }
    }

    /** A copy of all moments and counts, in memory that the next call writes to again. */
    public List<HostTensor> copyState() {
        return state.copyOut();
    }

    /** Replaces all moments and counts; {@link Parameters#copyIn} says what is refused. */
    public void loadState(List<HostTensor> values) {
        state.copyIn(values);
    }

    @Override
    public void close() {
        state.close();
        script.close();
    }
}
