package perdura.training.tasks.fit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.optim.FusedAdam;
import perdura.training.optim.GlobalNorm;
import perdura.training.tasks.fit.Evaluator.Evaluation;
import perdura.training.tasks.fit.FitNet.StepLoss;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;

/**
 * Trains a net for some epochs, measures it on the validation part after each, keeps the weights of the best one, and tests
 * those after the last. A step is an optimiser step; the last one of an epoch also measures and chooses, and the last one of the
 * run also tests. The run ends early where its plan bears only so many epochs without a better one: its last step is then that
 * epoch's. Best weights, their epoch and value, and the state of the learning rate are part of the job's state, so a run that was
 * killed anywhere ends with the same choice and the same numbers. One job in a process.
 *
 * @param <B> batches
 * @param <E> what a part gives
 */
public final class FitJob<B, E extends Evaluation> implements TrainingJob {
    /** Section of the best weights. */
    public static final String BEST_SECTION = "best";
    /** Section that tells by what they are best. */
    public static final String SELECTION = "selection";

    private static final String BEST = "best.";
    private static final String RATE = "rate";

    /**
     * How it is trained.
     *
     * @param patience epochs in a row without a better one after which the run ends, at least 1; null: all epochs are trained
     * @param tested told what the test part gave, in the last step of the run; that step also reports the metrics that it answers
     */
    public record Plan<E extends Evaluation>(
            int epochs,
            OptimizerSpec optimizer,
            LrScheduler rate,
            Criterion<E> criterion,
            @Nullable Integer patience,
            Function<E, Map<String, Double>> tested) {
        public Plan {
            if (epochs < 1 || (patience != null && patience < 1)) {
                throw new IllegalArgumentException(
                        "a plan needs epochs >= 1 and patience >= 1, was " + epochs + " and " + patience);
            }
        }

        /** All epochs are trained, and nothing is done with the test but to tell it. */
        public Plan(int epochs, OptimizerSpec optimizer, LrScheduler rate, Criterion<E> criterion) {
            this(epochs, optimizer, rate, criterion, null, tested -> Map.of());
        }
    }

    /**
     * By which value on the validation part the epoch is chosen that is tested; the first one of equals.
     *
     * @param value finite
     */
    public record Criterion<E extends Evaluation>(Order order, ToDoubleFunction<E> value) {
        /** Which value is the best. */
        public enum Order {
            LEAST,
            GREATEST
        }

        private boolean isBetter(double value, BestEpoch than) {
            return than.epoch < 0
                    || switch (order) {
                        case LEAST -> value < than.value;
                        case GREATEST -> value > than.value;
                    };
        }
    }

    /** Where a job's batches come from. They are closed with the job. */
    public record Inputs<B, E extends Evaluation>(
            FitBatches<B> train, MeasuredPart<B, E> validation, MeasuredPart<B, E> test) {}

    /**
     * A part of a split that is measured.
     *
     * @param name of the part
     * @param batches of its rows, in their order, whatever the epoch
     * @param evaluator begins to measure the net with these weights
     * @param alive called for each batch
     */
    public record MeasuredPart<B, E extends Evaluation>(
            String name, FitBatches<B> batches, Function<NetWeights.Kind, Evaluator<B, E>> evaluator, Runnable alive) {}

    /**
     * The epoch that is best so far.
     *
     * @param epoch from 0; -1 before the first one has ended
     * @param value what it is best by
     */
    private record BestEpoch(int epoch, double value) {
        static final BestEpoch NONE = new BestEpoch(-1, 0);
    }

    private final FitNet<B> net;
    private final NetWeights weights;
    private final Plan<E> plan;
    private final Inputs<B, E> inputs;
    private final Gradients gradients;
    private final GlobalNorm norm;
    private final FusedAdam optimizer;
    private LrScheduler rate;
    private BestEpoch best = BestEpoch.NONE;
    /** Of the run: those of the plan, or those that are done where the patience is spent. */
    private int epochs;

    /** @param net with its first weights; its engine is closed with the job */
    public FitJob(FitNet<B> net, Plan<E> plan, Inputs<B, E> inputs) {
        this.net = net;
        this.weights = net.weights();
        this.plan = plan;
        this.inputs = inputs;
        this.rate = plan.rate();
        this.epochs = plan.epochs();
        Parameters current = weights.of(NetWeights.Kind.CURRENT);
        this.gradients = new Gradients(current, net.trained());
        this.norm = new GlobalNorm(weights.torch(), gradients);
        this.optimizer = new FusedAdam(
                weights.torch(),
                plan.optimizer(),
                current,
                gradients,
                List.of(new FusedAdam.Group(net.trained(), plan.optimizer().weightDecay())));
    }

    /** The device that was chosen: {@code cpu} or {@code cuda:N}. */
    public String device() {
        return weights.torch().device();
    }

    @Override
    public long totalSteps() {
        return epochs * stepsPerEpoch();
    }

    private long stepsPerEpoch() {
        return inputs.train().batchesPerEpoch();
    }

    @Override
    public Position positionAfter(long step) {
        return new Position(1, Math.toIntExact(step / stepsPerEpoch()), step);
    }

    @Override
    public Map<String, Double> step(long step) {
        if (step < 0 || step >= totalSteps()) {
            throw new IllegalArgumentException("step must be in [0, " + totalSteps() + "), was " + step);
        }
        int epoch = Math.toIntExact(step / stepsPerEpoch());
        Map<String, Double> metrics = train(step, inputs.train().batch(epoch, step % stepsPerEpoch()));
        if ((step + 1) % stepsPerEpoch() == 0) {
            metrics.putAll(endEpoch(epoch, step));
        }
        if (step + 1 == totalSteps()) {
            metrics.put("best/epoch", (double) best.epoch);
            metrics.putAll(measureBest(Split.VALIDATION).metrics("best/" + Split.VALIDATION));
            E tested = measureBest(Split.TEST);
            metrics.putAll(tested.metrics(Split.TEST));
            metrics.putAll(plan.tested().apply(tested));
        }
        return metrics;
    }

    private Map<String, Double> train(long step, B batch) {
        double stepRate = rate.rate(step);
        try (StepScope scope = weights.torch().newStep()) {
            gradients.clear();
            StepLoss loss = Gradients.record(() -> net.loss(scope, batch));
            double value = loss.total().item();
            if (!Double.isFinite(value)) {
                throw diverged(step, "train/loss = " + value);
            }
            Gradients.backward(scope, loss.total());
            double gradientNorm = clip(scope, step);
            optimizer.step(scope, stepRate);
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("train/loss", value);
            metrics.put("train/learning_rate", stepRate);
            metrics.put("train/grad_norm", gradientNorm);
            loss.told().forEach((key, told) -> metrics.put("train/" + key, told));
            return metrics;
        }
    }

    /** @return the global gradient norm before clipping */
    private double clip(StepScope scope, long step) {
        Double greatest = plan.optimizer().clipNorm();
        double before = greatest == null ? norm.measure(scope) : norm.clip(scope, greatest);
        if (!Double.isFinite(before)) {
            throw diverged(step, "the gradient norm is " + before + ", not finite in " + norm.findNotFinite(scope));
        }
        return before;
    }

    private Map<String, Double> endEpoch(int epoch, long step) {
        E evaluation = measure(inputs.validation(), NetWeights.Kind.CURRENT, step);
        double value = plan.criterion().value().applyAsDouble(evaluation);
        if (plan.criterion().isBetter(value, best)) {
            weights.keepBest();
            best = new BestEpoch(epoch, value);
        }
        rate = rate.afterEpoch(evaluation.loss());
        epochs = epochsOfRun(epoch + 1);
        return evaluation.metrics(Split.VALIDATION);
    }

    /** A function of what is done and of the best epoch, so that no state of its own is needed. */
    private int epochsOfRun(int done) {
        Integer patience = plan.patience();
        boolean isSpent = patience != null && best.epoch >= 0 && done - 1 - best.epoch >= patience;
        return isSpent ? done : plan.epochs();
    }

    private E measure(MeasuredPart<B, E> part, NetWeights.Kind kind, long step) {
        Evaluator<B, E> evaluator = part.evaluator().apply(kind);
        for (long index = 0; index < part.batches().batchesPerEpoch(); index++) {
            B batch = part.batches().batch(0, index);
            part.alive().run();
            OptionalDouble notFinite = evaluator.add(batch);
            if (notFinite.isPresent()) {
                throw diverged(step, "an answer on the " + part.name() + " part is " + notFinite.getAsDouble());
            }
        }
        return evaluator.result();
    }

    private static PerduraException diverged(long step, String what) {
        return new PerduraException(
                ErrorCode.TRAINING_DIVERGED, "step " + step + ": " + what + "; a lower learningRate may help");
    }

    /**
     * Measures the best weights so far; a function of the job's state.
     *
     * @param part {@link Split#VALIDATION} or {@link Split#TEST}
     * @throws IllegalStateException before the end of the first epoch
     */
    public E measureBest(String part) {
        if (best.epoch < 0) {
            throw new IllegalStateException("no epoch has ended yet");
        }
        MeasuredPart<B, E> measured = switch (part) {
            case Split.VALIDATION -> inputs.validation();
            case Split.TEST -> inputs.test();
            default -> throw new IllegalArgumentException("part must be validation or test, was " + part);
        };
        return measure(measured, NetWeights.Kind.BEST, (best.epoch + 1) * stepsPerEpoch() - 1);
    }

    /**
     * The best epoch of a checkpoint, from 0; -1 before the first one has ended.
     *
     * @param selection its section {@link #SELECTION}
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be read
     */
    public static int bestEpoch(Path selection) {
        try {
            return (int) StateNumbers.read(SELECTION, SafetensorsReader.read(selection), 2)[0];
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, selection + ": can't be read; is the store mounted?", e);
        }
    }

    /** Section {@code best} holds the best weights, {@code selection} what they are best by, and the rate's state. */
    @Override
    public TrainState copyState() {
        List<HostTensor> bestWeights = new ArrayList<>();
        for (HostTensor tensor : weights.of(NetWeights.Kind.BEST).copyOut()) {
            bestWeights.add(new HostTensor(BEST + tensor.name(), tensor.type(), tensor.shape(), tensor.data()));
        }
        List<HostTensor> selection = new ArrayList<>(List.of(StateNumbers.of(SELECTION, best.epoch, best.value)));
        if (rate.state().length > 0) {
            selection.add(StateNumbers.of(RATE, rate.state()));
        }
        return TrainState.ofWeights(weights.of(NetWeights.Kind.CURRENT).copyOut())
                .with(TrainState.OPTIMIZER, optimizer.copyState())
                .with(BEST_SECTION, bestWeights)
                .with(SELECTION, selection);
    }

    @Override
    public void loadState(Position position, TrainState state) {
        List<HostTensor> bestWeights = new ArrayList<>();
        for (HostTensor tensor : state.section(BEST_SECTION)) {
            String name = tensor.name().substring(BEST.length());
            bestWeights.add(new HostTensor(name, tensor.type(), tensor.shape(), tensor.data()));
        }
        List<HostTensor> selection = state.section(SELECTION);
        double[] chosen = StateNumbers.read(SELECTION, selection, 2);
        int rateSize = rate.state().length;
        LrScheduler loadedRate = rateSize == 0 ? rate : rate.withState(StateNumbers.read(RATE, selection, rateSize));
        weights.of(NetWeights.Kind.CURRENT).copyIn(state.weights());
        weights.of(NetWeights.Kind.BEST).copyIn(bestWeights);
        optimizer.loadState(state.optimizer());
        best = new BestEpoch((int) chosen[0], chosen[1]);
        rate = loadedRate;
        epochs = epochsOfRun(Math.toIntExact(position.step() / stepsPerEpoch()));
    }

    @Override
    public void close() {
        inputs.train().close();
        inputs.validation().batches().close();
        inputs.test().batches().close();
        weights.torch().close();
    }
}
