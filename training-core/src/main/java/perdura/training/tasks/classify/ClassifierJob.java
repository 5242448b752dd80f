package perdura.training.tasks.classify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.optim.FusedAdam;
import perdura.training.optim.GlobalNorm;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;
import perdura.training.torch.Gradients;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * Trains a classifier for some epochs, measures it on the validation part after each, keeps the weights of the best one, and
 * tests those after the last. A step is an optimiser step; the last one of an epoch also measures and chooses, and the last
 * one of the run also tests. Best weights, their epoch and value, and the state of the learning rate are part of the job's
 * state, so a run that was killed anywhere ends with the same choice and the same numbers. One job in a process.
 */
public final class ClassifierJob implements TrainingJob {
    private static final String BEST = "best.";
    private static final String BEST_SECTION = "best";
    private static final String SELECTION = "selection";
    private static final String RATE = "rate";

    /** Everything that differs between the tasks. */
    record Plan(int epochs, OptimizerSpec optimizer, LrScheduler rate, BestEpochCriterion selection) {}

    /** Where a job's batches come from. They are closed with the job. */
    record Inputs(LabelledBatches train, MeasuredPart validation, MeasuredPart test) {}

    private final ClassifierNet net;
    private final Plan plan;
    private final Inputs inputs;
    private final Gradients gradients;
    private final GlobalNorm norm;
    private final FusedAdam optimizer;
    private LrScheduler rate;
    private BestEpoch best = BestEpoch.NONE;

    /** @param net with its first weights; closed with the job */
    ClassifierJob(ClassifierNet net, Plan plan, Inputs inputs) {
        this.net = net;
        this.plan = plan;
        this.inputs = inputs;
        this.rate = plan.rate();
        this.gradients = new Gradients(net.current(), net.trained());
        this.norm = new GlobalNorm(net.torch(), gradients);
        this.optimizer = new FusedAdam(
                net.torch(),
                plan.optimizer(),
                net.current(),
                gradients,
                List.of(new FusedAdam.Group(net.trained(), plan.optimizer().weightDecay())));
    }

    /** The device that was chosen: {@code cpu} or {@code cuda:N}. */
    public String device() {
        return net.torch().device();
    }

    @Override
    public long totalSteps() {
        return plan.epochs() * stepsPerEpoch();
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
            metrics.put("best/epoch", (double) best.epoch());
            metrics.putAll(measureBest(Split.VALIDATION).metrics("best/" + Split.VALIDATION));
            metrics.putAll(measureBest(Split.TEST).metrics(Split.TEST));
        }
        return metrics;
    }

    private Map<String, Double> train(long step, LabelledBatch batch) {
        double stepRate = rate.rate(step);
        try (StepScope scope = net.torch().newStep()) {
            gradients.clear();
            Tensor x = scope.floats(batch.inputs(), inputs.train().shape(batch.size()));
            Tensor y = scope.floats(batch.targets(), batch.size(), net.labels());
            Tensor loss = Gradients.record(() -> net.loss(scope, x, y));
            double value = loss.item();
            if (!Double.isFinite(value)) {
                throw diverged(step, "train/loss = " + value);
            }
            Gradients.backward(scope, loss);
            double gradientNorm = clip(scope, step);
            optimizer.step(scope, stepRate);
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("train/loss", value);
            metrics.put("train/learning_rate", stepRate);
            metrics.put("train/grad_norm", gradientNorm);
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
        ClassificationMetrics evaluation = measure(inputs.validation(), ClassifierNet.Weights.CURRENT, step);
        double value = plan.selection().value(evaluation);
        if (plan.selection().isBetter(value, best)) {
            net.keepBest();
            best = new BestEpoch(epoch, value);
        }
        rate = rate.afterEpoch(evaluation.loss());
        return evaluation.metrics(Split.VALIDATION);
    }

    private ClassificationMetrics measure(MeasuredPart part, ClassifierNet.Weights weights, long step) {
        double[][] logits = part.logits(net, weights);
        for (double[] ofLabel : logits) {
            for (double logit : ofLabel) {
                if (!Double.isFinite(logit)) {
                    throw diverged(step, "an answer on the " + part.name() + " part is " + logit);
                }
            }
        }
        return ClassificationMetrics.of(logits, part.rows(), part.labels());
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
    public ClassificationMetrics measureBest(String part) {
        if (best.epoch() < 0) {
            throw new IllegalStateException("no epoch has ended yet");
        }
        MeasuredPart measured = switch (part) {
            case Split.VALIDATION -> inputs.validation();
            case Split.TEST -> inputs.test();
            default -> throw new IllegalArgumentException("part must be validation or test, was " + part);
        };
        return measure(measured, ClassifierNet.Weights.BEST, (best.epoch() + 1) * stepsPerEpoch() - 1);
    }

    /** Section {@code best} holds the best weights, {@code selection} what they are best by, and the rate's state. */
    @Override
    public TrainState copyState() {
        List<HostTensor> bestWeights = new ArrayList<>();
        for (HostTensor tensor : net.best().copyOut()) {
            bestWeights.add(new HostTensor(BEST + tensor.name(), tensor.type(), tensor.shape(), tensor.data()));
        }
        List<HostTensor> selection = new ArrayList<>(List.of(StateNumbers.of(SELECTION, best.epoch(), best.value())));
        if (rate.state().length > 0) {
            selection.add(StateNumbers.of(RATE, rate.state()));
        }
        return TrainState.ofWeights(net.current().copyOut())
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
        net.current().copyIn(state.weights());
        net.best().copyIn(bestWeights);
        optimizer.loadState(state.optimizer());
        best = new BestEpoch((int) chosen[0], chosen[1]);
        rate = loadedRate;
    }

    @Override
    public void close() {
        inputs.train().close();
        inputs.validation().close();
        inputs.test().close();
        net.torch().close();
    }

    /**
     * The epoch that is best so far.
     *
     * @param epoch from 0; -1 before the first one has ended
     * @param value what it is best by
     */
    record BestEpoch(int epoch, double value) {
        static final BestEpoch NONE = new BestEpoch(-1, 0);
    }

    /** By which value on the validation part the epoch is chosen that is tested; the first one of equals. */
    enum BestEpochCriterion {
        /** sense.md 4.2. */
        LEAST_LOSS,
        /** prior.md 4.2. */
        GREATEST_AUROC;

        double value(ClassificationMetrics evaluation) {
            return switch (this) {
                case LEAST_LOSS -> evaluation.loss();
                case GREATEST_AUROC ->
                    evaluation
                            .meanAuroc()
                            .orElseThrow(() -> new IllegalStateException(String.valueOf(evaluation.undefined())));
            };
        }

        /** @param best of the epochs before */
        boolean isBetter(double value, BestEpoch best) {
            return best.epoch() < 0
                    || switch (this) {
                        case LEAST_LOSS -> value < best.value();
                        case GREATEST_AUROC -> value > best.value();
                    };
        }
    }

    /**
     * A part of a split that is measured, in the order of its rows.
     *
     * @param name of the part
     * @param batches of these rows, in this order, whatever the epoch
     * @param alive called for each batch
     */
    record MeasuredPart(String name, LabelledBatches batches, RowList rows, BinaryLabels labels, Runnable alive) {
        /** The answers of a classifier: [labels][rows]. */
        double[][] logits(ClassifierNet net, ClassifierNet.Weights weights) {
            double[][] logits = new double[net.labels()][rows.size()];
            int done = 0;
            for (long index = 0; index < batches.batchesPerEpoch(); index++) {
                LabelledBatch batch = batches.batch(0, index);
                alive.run();
                double[] answers = net.logits(weights, batch.inputs(), batches.shape(batch.size())); // [B, labels]
                for (int i = 0; i < batch.size(); i++) {
                    for (int label = 0; label < logits.length; label++) {
                        logits[label][done + i] = answers[i * logits.length + label];
                    }
                }
                done += batch.size();
            }
            return logits;
        }

        void close() {
            batches.close();
        }
    }
}
