package perdura.training.methods.prior.spec;

import java.util.List;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.PretrainSpec;

/**
 * What a pre-training by PRIOR says of the method.
 *
 * @param stages the stage plan, in order; not empty
 */
public record PriorSpec(ModelSpec model, AugmentSpec augment, List<StageSpec> stages) implements MethodSpec {
    /** How specs write the method. */
    public static final String NAME = "prior";

    public PriorSpec {
        stages = List.copyOf(stages);
    }

    /** The stage of a number, which must be there. */
    public StageSpec stage(int number) {
        return stages.stream()
                .filter(stage -> stage.stage() == number)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no stage " + number));
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * PRIOR's part of a spec.
     *
     * @throws IllegalArgumentException if it is of another method
     */
    public static PriorSpec of(PretrainSpec spec) {
        if (spec.method() instanceof PriorSpec own) {
            return own;
        }
        throw new IllegalArgumentException(
                "expected a pre-training by " + NAME + ", was " + spec.method().name());
    }
}
