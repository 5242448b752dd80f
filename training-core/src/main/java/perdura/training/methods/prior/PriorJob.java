package perdura.training.methods.prior;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import perdura.datasets.data.PairBatch;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.ValidationBatches;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.SpbSpec;
import perdura.grids.spec.StageSpec;
import perdura.grids.spec.StageSpec.Module;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.StepDiagnostics;
import perdura.training.loop.TrainingJob;
import perdura.training.methods.prior.model.CachedGradientPass;
import perdura.training.methods.prior.model.LogScaleCap;
import perdura.training.methods.prior.model.NoiseSource;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.SentenceBank;
import perdura.training.methods.prior.model.StageForward;
import perdura.training.methods.prior.model.StageNoise;
import perdura.training.nn.Initializer;
import perdura.training.nn.StateDictLayout;
import perdura.training.optim.GlobalNorm;
import perdura.training.optim.GumbelTemperature;
import perdura.training.optim.WarmupCosine;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;
import perdura.training.weights.InitialWeights;

/**
 * PRIOR's stages on one device (prior.md 2.9, 3). Each begins with the weights of the one before and with a fresh optimiser; a
 * checkpoint at a boundary still holds the moments of the stage that ended. One job in a process: the engine's seed is the
 * process's.
 */
public final class PriorJob implements TrainingJob {
    /** Where batches come from. */
    public interface Batches {
        /** The batch of a place; a function of the place alone. */
        PairBatch batch(int stage, int epoch, long index);
    }

    private final PretrainSpec spec;
    private final Batches batches;
    private final StagePlan plan;
    private final Prior prior;
    private final Torch torch;
    private final Parameters parameters;
    private final NoiseSource noise;
    private final LogScaleCap cap;
    private final EpochTotals totals;
    private final StageHealth health;
    private final HeldOutPairs heldOut;
    private final StageValidation validation;
    private StageTraining training;

    private PriorJob(
            PretrainSpec spec,
            Batches batches,
            long stepsPerEpoch,
            HeldOutPairs heldOut,
            InitialWeights initial,
            Torch torch,
            Prior prior) {
        StateDictLayout layout = prior.layout();
        this.spec = spec;
        this.batches = batches;
        this.plan = new StagePlan(spec.stages(), stepsPerEpoch);
        this.prior = prior;
        this.torch = torch;
        this.parameters = layout.allocate(torch, ElementType.F32);
        Initializer.fill(torch, layout, parameters, spec.seed());
        initial.copyInto(layout, parameters);
        this.noise = new NoiseSource(torch, parameters, prior);
        this.cap = new LogScaleCap(torch, parameters, spec.model().maxScale());
        this.totals = new EpochTotals(spec.model().prototypes());
        this.health = new StageHealth(spec.batchSize(), spec.model().prototypes());
        this.heldOut = heldOut;
        this.validation = new StageValidation(spec.model(), heldOut);
        this.training = training(spec.stages().get(0));
    }

    private StageTraining training(StageSpec stage) {
        return new StageTraining(torch, parameters, prior, stage, spec.optimizer(), spec.batchChunk());
    }

    /**
     * A job at position 0, with first weights that are a function of the run seed and the imported ones. To be called by the thread that then
     * drives the job.
     *
     * @param batches stays the caller's
     * @param validation what the end of each epoch is measured on
     * @param initial imported weights that the spec names
     * @param vocabulary number of WordPieces
     * @param threads intra-op threads that the run is bound to, at least 1
     * @throws PerduraException INVALID_SPEC if this machine lacks the device; OUT_OF_MEMORY
     */
    public static PriorJob open(
            PretrainSpec spec,
            PairBatches batches,
            ValidationBatches validation,
            InitialWeights initial,
            int vocabulary,
            int threads) {
        HeldOutPairs heldOut = new HeldOutPairs(
                validation.count(), validation::batch, validation.whyNone().orElse(null));
        return open(spec, batches::batch, batches.batchesPerEpoch(), heldOut, initial, vocabulary, threads);
    }

    /** A job at position 0 on batches from anywhere, without held-out pairs: to measure steps, not to learn. */
    public static PriorJob open(PretrainSpec spec, Batches batches, long stepsPerEpoch, int vocabulary, int threads) {
        return open(spec, batches, stepsPerEpoch, HeldOutPairs.NONE, InitialWeights.NONE, vocabulary, threads);
    }

    static PriorJob open(
            PretrainSpec spec,
            Batches batches,
            long stepsPerEpoch,
            HeldOutPairs heldOut,
            InitialWeights initial,
            int vocabulary,
            int threads) {
        Torch torch = Torch.start(spec.resources().device(), threads);
        try {
            return new PriorJob(
                    spec, batches, stepsPerEpoch, heldOut, initial, torch, new Prior(spec.model(), vocabulary));
        } catch (RuntimeException | Error e) {
            torch.close();
            throw e;
        }
    }

    /** The device that was chosen: {@code cpu} or {@code cuda:N}. */
    public String device() {
        return torch.device();
    }

    @Override
    public long totalSteps() {
        return plan.totalSteps();
    }

    @Override
    public Position positionAfter(long step) {
        return plan.positionAfter(step);
    }

    @Override
    public Map<String, Double> step(long step) {
        StagePlan.Place place = plan.locate(step);
        enter(place);
        int stage = place.stage().stage();
        PairBatch batch = batches.batch(stage, place.epoch(), place.batch());
        if (place.batch() == 0) {
            totals.clear();
        }
        double rate = rate(place);
        double tau = tau(place);
        try (StepScope scope = torch.newStep()) {
            training.gradients().clear();
            StageForward.Result result = learn(scope, batch, stage, step, tau);
            Map<String, Double> metrics = StageMetrics.ofStep(result);
            List<String> notFinite = StageMetrics.notFinite(metrics);
            if (!notFinite.isEmpty()) {
                throw diverged(step, String.join(", ", notFinite));
            }
            double gradientNorm = clip(scope, step);
            training.optimizer().step(scope, rate);
            training.used();
            double[] scales = cap.apply(scope);
            if (place.stage().has(Module.SPB)) {
                metrics.put("train/tau", tau);
            }
            metrics.put("train/learning_rate", rate);
            metrics.put("train/scale_global", scales[0]);
            metrics.put("train/scale_local", scales[1]);
            metrics.put("train/grad_norm", gradientNorm);
            totals.add(result);
            if (plan.endsEpoch(place)) {
                metrics.putAll(StageMetrics.ofEpoch(place, totals));
                metrics.putAll(health.judge(place, totals.means()));
            }
            return metrics;
        }
    }

    @Override
    public int samplesPerStep() {
        return spec.batchSize();
    }

    /** At the end of an epoch: the losses on held-out pairs, and what the epoch's own figures warn of. */
    @Override
    public StepDiagnostics inspect(long step) {
        StagePlan.Place place = plan.locate(step);
        if (!plan.endsEpoch(place)) {
            return StepDiagnostics.NONE;
        }
        List<OnceEvent> events = new ArrayList<>(health.warnings(place, totals.means()));
        if (heldOut.whyNone() != null) {
            events.add(new OnceEvent("NOT_VALIDATED", "run", heldOut.whyNone()));
        }
        return new StepDiagnostics(
                heldOut.count() == 0 ? Map.of() : validation.measure(torch, training::evaluate), events);
    }

    /** Makes the training that of the place's stage. A stage begins with a fresh optimiser, whatever was loaded. */
    private void enter(StagePlan.Place place) {
        StageSpec stage = place.stage();
        boolean isOpen = training.stage().equals(stage);
        if (place.stepInStage() == 0) {
            if (!isOpen || !training.isFresh()) {
                open(stage);
            }
            if (spec.model().spb().init() == SpbSpec.Init.SENTENCE_KMEANS && plan.isFirstWithBank(stage)) {
                fillBank(stage);
            }
        } else if (training.isFresh()) {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED,
                    "stage " + stage.stage() + " can't go on at its step " + place.stepInStage()
                            + " without the state of its optimiser");
        } else if (!isOpen) {
            // Two stages that train the same parameters: what was loaded is this one's.
            List<HostTensor> moments = training.optimizer().copyState();
            open(stage);
            training.load(moments);
        }
    }

    private void open(StageSpec stage) {
        training.close();
        training = training(stage);
    }

    /** The reports are those of the stage's first batches. */
    private void fillBank(StageSpec stage) {
        int prototypes = spec.model().prototypes();
        DistinctSentences sentences = new DistinctSentences();
        long index = 0;
        while (index < plan.stepsPerEpoch()
                && (sentences.reports() < spec.model().spb().initReports() || sentences.size() < prototypes)) {
            sentences.add(batches.batch(stage.stage(), 0, index++));
        }
        if (sentences.size() < prototypes) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "model.spb.init: sentence-kmeans needs at least model.prototypes = " + prototypes
                            + " different sentences, and the reports of an epoch have " + sentences.size()
                            + "; take fewer prototypes or another init");
        }
        new SentenceBank(torch, parameters, prior).fill(sentences.texts());
    }

    private double tau(StagePlan.Place place) {
        SpbSpec spb = spec.model().spb();
        return place.stage().has(Module.SPB)
                ? new GumbelTemperature(spb.tauSchedule(), plan.stepsWithBank(), spb.tauStart(), spb.tauEnd())
                        .tau(place.stepWithBank())
                : spb.tauStart();
    }

    private static double rate(StagePlan.Place place) {
        StageSpec stage = place.stage();
        return new WarmupCosine(
                        place.stageSteps(),
                        stage.warmupSteps(),
                        stage.learningRate(),
                        stage.startLearningRate(),
                        stage.endLearningRate())
                .rate(place.stepInStage());
    }

    /** Forward and back, over the whole batch or its chunks. */
    private StageForward.Result learn(StepScope scope, PairBatch batch, int stage, long step, double tau) {
        StageForward forward = training.forward();
        StageNoise drawn = noise.draw(
                scope,
                forward.needs(),
                batch.size(),
                forward.sentences(BatchTensors.longestReport(batch)),
                purpose -> Seeds.hash64(purpose, spec.seed(), stage, step));
        List<Tensor> inputs = BatchTensors.of(scope, batch, spec.model().imageSize());
        CachedGradientPass chunks = training.chunks();
        if (chunks != null) {
            LongUnaryOperator seeds = chunk -> Seeds.hash64("dropout", spec.seed(), stage, step, chunk);
            return chunks.run(scope, inputs, drawn, tau, seeds);
        }
        torch.seed(Seeds.hash64("dropout", spec.seed(), stage, step));
        StageForward.Result result = Gradients.record(() -> forward.run(scope, inputs, drawn, tau));
        Gradients.backward(scope, result.total());
        return result;
    }

    /** @return the global gradient norm before clipping */
    private double clip(StepScope scope, long step) {
        Double greatest = spec.optimizer().clipNorm();
        GlobalNorm norm = training.norm();
        double before = greatest == null ? norm.measure(scope) : norm.clip(scope, greatest);
        if (!Double.isFinite(before)) {
            // All gradients may be finite and their norm not: float32 ends at 3e38.
            throw diverged(step, "the gradient norm is " + before + ", not finite in " + norm.findNotFinite(scope));
        }
        return before;
    }

    private static PerduraException diverged(long step, String what) {
        return new PerduraException(
                ErrorCode.TRAINING_DIVERGED,
                "step " + step + ": " + what + "; a lower learningRate or optimizer.clipNorm may help");
    }

    @Override
    public TrainState copyState() {
        List<HostTensor> rest = new ArrayList<>(training.optimizer().copyState());
        rest.addAll(totals.copy());
        return new TrainState(parameters.copyOut(), rest);
    }

    /**
     * Replaces the whole state. A state without anything of an optimiser is a hand-over: the weights with which a stage begins.
     */
    @Override
    public void loadState(TrainState state) {
        List<HostTensor> moments = state.optimizer().stream()
                .filter(tensor -> !EpochTotals.owns(tensor))
                .toList();
        List<HostTensor> sums =
                state.optimizer().stream().filter(EpochTotals::owns).toList();
        parameters.copyIn(state.weights());
        if (state.optimizer().isEmpty()) {
            totals.clear();
            open(training.stage());
            return;
        }
        totals.load(sums);
        if (!StageTraining.fits(moments, training.forward().trained())) {
            spec.stages().stream()
                    .filter(stage -> StageTraining.fits(moments, StageForward.trained(prior, stage)))
                    .findFirst()
                    .ifPresent(this::open);
        }
        training.load(moments);
    }

    @Override
    public void close() {
        torch.close();
    }
}
