package perdura.training.methods.prior;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import perdura.datasets.data.PairBatch;
import perdura.datasets.data.PairBatchConfig;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.ValidationBatches;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.StepDiagnostics;
import perdura.training.method.StagePlan;
import perdura.training.method.StagedJob;
import perdura.training.methods.prior.StageValidation.HeldOutPairs;
import perdura.training.methods.prior.model.CachedGradientPass;
import perdura.training.methods.prior.model.LogScaleCap;
import perdura.training.methods.prior.model.NoiseSource;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.SentenceBank;
import perdura.training.methods.prior.model.StageForward;
import perdura.training.methods.prior.model.StageNoise;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;
import perdura.training.nn.Initializer;
import perdura.training.optim.WarmupCosine;
import perdura.training.torch.Gradients;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;
import perdura.training.weights.InitialWeights;

/** PRIOR's stages on one device (prior.md 2.9, 3). */
public final class PriorJob extends StagedJob<StageSpec, StageTraining> {
    private static final String TOTALS = "totals";

    /** Where batches come from. */
    public interface Batches extends Loader {
        /** The batch of a place; a function of the place alone. */
        PairBatch batch(int stage, int epoch, long index);
    }

    private final PriorSpec own;
    private final Batches batches;
    private final Prior prior;
    private final NoiseSource noise;
    private final LogScaleCap cap;
    private final EpochTotals totals;
    private final StageHealth health;
    private final HeldOutPairs heldOut;
    private final StageValidation validation;

    private PriorJob(
            PretrainSpec spec,
            Batches batches,
            long stepsPerEpoch,
            HeldOutPairs heldOut,
            InitialWeights initial,
            Torch torch,
            Prior prior) {
        super(
                spec,
                new StagePlan<>(PriorSpec.of(spec).stages(), stepsPerEpoch),
                batches,
                torch,
                prior.layout().allocate(torch, ElementType.F32));
        this.own = PriorSpec.of(spec);
        this.batches = batches;
        this.prior = prior;
        Initializer.fill(torch, prior.layout(), parameters(), spec.seed());
        initial.copyInto(prior.layout(), parameters());
        this.noise = new NoiseSource(torch, parameters(), prior);
        this.cap = new LogScaleCap(torch, parameters(), own.model().maxScale());
        this.totals = new EpochTotals(own.model().prototypes());
        this.health = new StageHealth(spec.batchSize(), own.model().prototypes());
        this.heldOut = heldOut;
        this.validation = new StageValidation(own.model(), heldOut);
    }

    /**
     * The batches of a pre-training.
     *
     * @param threads that make them
     */
    public static PairBatchConfig batchConfig(PretrainSpec spec, int threads) {
        PriorSpec own = PriorSpec.of(spec);
        return new PairBatchConfig(
                spec.seed(),
                spec.batchSize(),
                own.model().textLength(),
                own.model().text().overlong(),
                own.augment(),
                threads);
    }

    /**
     * A job at position 0, with first weights that are a function of the run seed and the imported ones. To be called by the thread that then
     * drives the job.
     *
     * @param batches closed with the job
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
        return open(spec, owned(batches), batches.batchesPerEpoch(), heldOut, initial, vocabulary, threads);
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
        Torch torch = Torch.start(spec.execution().resources().device(), threads);
        try {
            return new PriorJob(
                    spec,
                    batches,
                    stepsPerEpoch,
                    heldOut,
                    initial,
                    torch,
                    new Prior(PriorSpec.of(spec).model(), vocabulary));
        } catch (RuntimeException | Error e) {
            torch.close();
            throw e;
        }
    }

    private static Batches owned(PairBatches batches) {
        return new Batches() {
            @Override
            public PairBatch batch(int stage, int epoch, long index) {
                return batches.batch(stage, epoch, index);
            }

            @Override
            public Duration waited() {
                return batches.waited();
            }

            @Override
            public void close() {
                batches.close();
            }
        };
    }

    @Override
    protected StageTraining open(StageSpec stage) {
        return new StageTraining(torch(), parameters(), prior, stage, spec().optimizer(), spec().microBatchSize());
    }

    @Override
    protected void stageBegins(StageSpec stage) {
        boolean isFirstWithBank = plan().stages().stream()
                .filter(PriorJob::usesBank)
                .findFirst()
                .filter(stage::equals)
                .isPresent();
        if (own.model().spb().init() == SpbSpec.Init.SENTENCE_KMEANS && isFirstWithBank) {
            fillBank(stage);
        }
    }

    @Override
    protected void clearTotals() {
        totals.clear();
    }

    @Override
    protected Map<String, Double> learn(
            StageTraining training, StagePlan.Place<StageSpec> place, StepScope scope, long step) {
        int stage = place.stage().stage();
        double tau = tau(place, step);
        StageForward.Result result =
                learn(training, scope, batches.batch(stage, place.epoch(), place.batch()), stage, step, tau);
        totals.add(result);
        Map<String, Double> metrics = StageMetrics.ofStep(result);
        if (usesBank(place.stage())) {
            metrics.put("train/tau", tau);
        }
        return metrics;
    }

    @Override
    protected Map<String, Double> afterStep(StepScope scope) {
        double[] scales = cap.apply(scope);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("train/scale_global", scales[0]);
        metrics.put("train/scale_local", scales[1]);
        return metrics;
    }

    @Override
    protected Map<String, Double> lastOfEpoch(StagePlan.Place<StageSpec> place) {
        Map<String, Double> metrics = StageMetrics.ofEpoch(place.stage(), totals);
        metrics.putAll(health.judge(place, totals.means()));
        return metrics;
    }

    /** The losses on held-out pairs, and what the epoch's own figures warn of. */
    @Override
    public StepDiagnostics epochEnded(Position position) {
        List<OnceEvent> events = new ArrayList<>(health.warnings(plan().locate(position.step() - 1), totals.means()));
        if (heldOut.whyNone() != null) {
            events.add(new OnceEvent("NOT_VALIDATED", "run", heldOut.whyNone()));
        }
        return new StepDiagnostics(
                heldOut.count() == 0 ? Map.of() : validation.measure(torch(), training()::evaluate), events);
    }

    private static boolean usesBank(StageSpec stage) {
        return stage.has(Module.SPB);
    }

    /** The reports are those of the stage's first batches. */
    private void fillBank(StageSpec stage) {
        int prototypes = own.model().prototypes();
        DistinctSentences sentences = new DistinctSentences();
        long index = 0;
        while (index < plan().stepsPerEpoch()
                && (sentences.reports() < own.model().spb().initReports() || sentences.size() < prototypes)) {
            sentences.add(batches.batch(stage.stage(), 0, index++));
        }
        if (sentences.size() < prototypes) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "model.spb.init: sentence-kmeans needs at least model.prototypes = " + prototypes
                            + " different sentences, and the reports of an epoch have " + sentences.size()
                            + "; take fewer prototypes or another init");
        }
        new SentenceBank(torch(), parameters(), prior).fill(sentences.texts());
    }

    private double tau(StagePlan.Place<StageSpec> place, long step) {
        SpbSpec spb = own.model().spb();
        return usesBank(place.stage())
                ? new GumbelTemperature(
                                spb.tauSchedule(), plan().steps(PriorJob::usesBank), spb.tauStart(), spb.tauEnd())
                        .tau(plan().stepsBefore(step, PriorJob::usesBank))
                : spb.tauStart();
    }

    @Override
    protected double rate(StagePlan.Place<StageSpec> place) {
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
    private StageForward.Result learn(
            StageTraining training, StepScope scope, PairBatch batch, int stage, long step, double tau) {
        StageForward forward = training.forward();
        StageNoise drawn = noise.draw(
                scope,
                forward.needs(),
                batch.size(),
                forward.sentences(BatchTensors.longestReport(batch)),
                purpose -> Seeds.hash64(purpose, spec().seed(), stage, step));
        List<Tensor> inputs = BatchTensors.of(scope, batch, own.model().imageSize());
        CachedGradientPass chunks = training.chunks();
        if (chunks != null) {
            LongUnaryOperator seeds = chunk -> Seeds.hash64("dropout", spec().seed(), stage, step, chunk);
            return chunks.run(scope, inputs, drawn, tau, seeds);
        }
        torch().seed(Seeds.hash64("dropout", spec().seed(), stage, step));
        StageForward.Result result = Gradients.record(() -> forward.run(scope, inputs, drawn, tau));
        Gradients.backward(scope, result.total());
        return result;
    }

    @Override
    protected TrainState withOwn(TrainState state) {
        return state.with(TOTALS, totals.copy());
    }

    @Override
    protected void loadOwn(TrainState state) {
        totals.load(state.section(TOTALS));
    }
}
