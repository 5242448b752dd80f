package perdura.training.method;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/**
 * A pre-training in stages: epochs of steps over a plan, each step one forward and backward pass, clipped gradients and one step of the
 * optimiser. A stage begins with the weights of the one before and with a fresh optimiser; a checkpoint at a boundary still holds the moments
 * of the stage that ended. A method says what is learned in a step, and adds its own state and metrics. One job in a process: the engine's
 * seed is the process's.
 *
 * @param <S> the method's stages
 * @param <T> what belongs to one stage and begins anew with it
 */
public abstract class StagedJob<S extends MethodSpec.Stage, T extends StagedJob.Training> implements TrainingJob {
    private static final Logger LOG = LoggerFactory.getLogger(StagedJob.class);

    /** What belongs to one stage and begins anew with it: its programs, its optimiser. The weights are not its own. */
    public interface Training extends AutoCloseable {
        StageOptimizer optimizer();

        @Override
        void close();
    }

    /** Where the steps' data comes from. Closed with the job. */
    public interface Loader extends AutoCloseable {
        /** How long steps have waited so far. */
        default Duration waited() {
            return Duration.ZERO;
        }

        @Override
        default void close() {}
    }

    private final PretrainSpec spec;
    private final StagePlan<S> plan;
    private final Loader loader;
    private final Torch torch;
    private final Parameters parameters;
    private @Nullable S stage;
    private @Nullable T training;

    /**
     * @param loader closed with the job
     * @param torch closed with the job, and all that it has made
     * @param parameters with their first values
     */
    protected StagedJob(PretrainSpec spec, StagePlan<S> plan, Loader loader, Torch torch, Parameters parameters) {
        this.spec = spec;
        this.plan = plan;
        this.loader = loader;
        this.torch = torch;
        this.parameters = parameters;
    }

    /** Makes what belongs to a stage. */
    protected abstract T open(S stage);

    /** Called where a stage begins, before its first step. May change weights. */
    protected void stageBegins(S stage) {}

    /** Called before the first step of an epoch, to clear what is counted over one. */
    protected void clearTotals() {}

    /** The learning rate of a step, before the factors of its groups. */
    protected abstract double rate(StagePlan.Place<S> place);

    /**
     * Forward and back: leaves the gradients of a step.
     *
     * @return the step's metrics, in a fixed order; the step fails where one is not finite
     */
    protected abstract Map<String, Double> learn(T training, StagePlan.Place<S> place, StepScope scope, long step);

    /** Called after the optimiser's step: may change weights. Returns more metrics of the step. */
    protected Map<String, Double> afterStep(StepScope scope) {
        return Map.of();
    }

    /** What an epoch's last step tells beside its own metrics. */
    protected Map<String, Double> lastOfEpoch(StagePlan.Place<S> place) {
        return Map.of();
    }

    /** Adds the method's own sections to a copy of the state. */
    protected TrainState withOwn(TrainState state) {
        return state;
    }

    /** Takes the method's own sections out of a state. */
    protected void loadOwn(TrainState state) {}

    /** Called where weights alone were loaded: the method's own state begins anew. */
    protected void weightsLoaded() {}

    /** The device that was chosen: {@code cpu} or {@code cuda:N}. */
    public String device() {
        return torch.device();
    }

    protected final PretrainSpec spec() {
        return spec;
    }

    protected final StagePlan<S> plan() {
        return plan;
    }

    protected final Torch torch() {
        return torch;
    }

    protected final Parameters parameters() {
        return parameters;
    }

    /** That of the stage that is open; the plan's first one before any step. */
    protected final T training() {
        T known = training;
        return known == null ? opened(plan.stages().get(0)) : known;
    }

    private T opened(S other) {
        if (training != null) {
            training.close();
        }
        T made = open(other);
        training = made;
        stage = other;
        return made;
    }

    @Override
    public final long totalSteps() {
        return plan.totalSteps();
    }

    @Override
    public final Position positionAfter(long step) {
        return plan.positionAfter(step);
    }

    @Override
    public final int samplesPerStep() {
        return spec.batchSize();
    }

    @Override
    public final Duration waitedForData() {
        return loader.waited();
    }

    @Override
    public final Map<String, Double> step(long step) {
        StagePlan.Place<S> place = plan.locate(step);
        enter(place);
        if (place.batch() == 0) {
            clearTotals();
        }
        T current = training();
        StageOptimizer optimizer = current.optimizer();
        double rate = rate(place);
        try (StepScope scope = torch.newStep()) {
            optimizer.clear();
            Map<String, Double> metrics = learn(current, place, scope, step);
            requireFinite(step, metrics);
            double norm = optimizer.clip(scope);
            if (!Double.isFinite(norm)) {
                // All gradients may be finite and their norm not: float32 ends at 3e38.
                throw diverged(
                        step, "the gradient norm is " + norm + ", not finite in " + optimizer.findNotFinite(scope));
            }
            optimizer.step(scope, rate);
            metrics.put("train/learning_rate", rate);
            metrics.putAll(afterStep(scope));
            metrics.put("train/grad_norm", norm);
            if (plan.endsEpoch(place)) {
                metrics.putAll(lastOfEpoch(place));
            }
            return metrics;
        }
    }

    /** Makes the training that of the place's stage. A stage begins with a fresh optimiser, whatever was loaded. */
    private void enter(StagePlan.Place<S> place) {
        boolean isFresh = training().optimizer().isFresh();
        boolean isOpen = place.stage().equals(stage);
        if (place.stepInStage() == 0) {
            if (!isOpen || !isFresh) {
                opened(place.stage());
            }
            stageBegins(place.stage());
        } else if (isFresh || !isOpen) {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED,
                    "stage " + place.stage().stage() + " can't go on at its step " + place.stepInStage()
                            + " without the state of its optimiser");
        }
    }

    private static void requireFinite(long step, Map<String, Double> metrics) {
        List<String> found = new ArrayList<>();
        metrics.forEach((key, value) -> {
            if (!Double.isFinite(value)) {
                found.add(key + " = " + value);
            }
        });
        if (!found.isEmpty()) {
            throw diverged(step, String.join(", ", found));
        }
    }

    private static PerduraException diverged(long step, String what) {
        return new PerduraException(
                ErrorCode.TRAINING_DIVERGED,
                "step " + step + ": " + what + "; a lower learningRate or optimizer.clipNorm may help");
    }

    @Override
    public final TrainState copyState() {
        LOG.info("steps waited {} ms for their batches so far", loader.waited().toMillis());
        return withOwn(TrainState.ofWeights(parameters.copyOut())
                .with(TrainState.OPTIMIZER, training().optimizer().copyState()));
    }

    @Override
    public final void loadState(Position position, TrainState state) {
        parameters.copyIn(state.weights());
        S last = plan.locate(Math.max(0, position.step() - 1)).stage();
        if (state.sections().keySet().equals(Set.of(TrainState.WEIGHTS))) {
            clearTotals();
            weightsLoaded();
            opened(last);
            return;
        }
        loadOwn(state);
        T current = last.equals(stage) ? training() : opened(last);
        current.optimizer().loadState(state.optimizer());
    }

    @Override
    public final void close() {
        loader.close();
        torch.close();
    }
}
