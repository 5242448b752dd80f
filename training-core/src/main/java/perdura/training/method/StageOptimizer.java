package perdura.training.method;

import java.util.List;
import perdura.grids.spec.OptimizerSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.optim.FusedAdam;
import perdura.training.optim.GlobalNorm;
import perdura.training.optim.ParameterGroup;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/** The gradients and the optimiser of one stage, which begin anew with it. */
public final class StageOptimizer implements AutoCloseable {
    private final OptimizerSpec spec;
    private final Gradients gradients;
    private final GlobalNorm norm;
    private final FusedAdam adam;
    private boolean fresh = true;

    /**
     * @param trained names of the parameters that the stage's pass reaches
     * @param groups how they learn; see {@link ParameterGroup#split}
     */
    public StageOptimizer(
            Torch torch, OptimizerSpec spec, Parameters parameters, List<String> trained, List<ParameterGroup> groups) {
        List<FusedAdam.Group> split = ParameterGroup.split(trained, groups, spec.weightDecay());
        this.spec = spec;
        this.gradients = new Gradients(
                parameters, trained.stream().filter(name -> isIn(split, name)).toList());
        this.norm = new GlobalNorm(torch, gradients);
        this.adam = new FusedAdam(torch, spec, parameters, gradients, split);
    }

    private static boolean isIn(List<FusedAdam.Group> groups, String name) {
        return groups.stream().anyMatch(group -> group.names().contains(name));
    }

    void clear() {
        gradients.clear();
    }

    /** Clips as the spec says, and returns the global gradient norm before. */
    double clip(StepScope scope) {
        Double greatest = spec.clipNorm();
        return greatest == null ? norm.measure(scope) : norm.clip(scope, greatest);
    }

    List<String> findNotFinite(StepScope scope) {
        return norm.findNotFinite(scope);
    }

    void step(StepScope scope, double rate) {
        adam.step(scope, rate);
        fresh = false;
    }

    /** Whether it has neither stepped nor been loaded. */
    boolean isFresh() {
        return fresh;
    }

    List<HostTensor> copyState() {
        return adam.copyState();
    }

    void loadState(List<HostTensor> moments) {
        adam.loadState(moments);
        fresh = false;
    }

    @Override
    public void close() {
        adam.close();
        norm.close();
        gradients.close();
    }
}
