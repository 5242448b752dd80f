package perdura.training.methods.sense;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SenseBatch;
import perdura.datasets.data.SenseBatches;
import perdura.datasets.data.StudyTexts;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.StepDiagnostics;
import perdura.training.method.Method.JobInput;
import perdura.training.method.StageOptimizer;
import perdura.training.method.StagePlan;
import perdura.training.method.StagedJob;
import perdura.training.methods.sense.cluster.KMeans;
import perdura.training.methods.sense.model.EpochClusters;
import perdura.training.methods.sense.model.MomentumWeights;
import perdura.training.methods.sense.model.Rings;
import perdura.training.methods.sense.model.Sense;
import perdura.training.methods.sense.model.SenseEncoder;
import perdura.training.methods.sense.model.SenseStep;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.nn.Initializer;
import perdura.training.optim.EpochWarmupCosine;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** SENSE's epochs on one device (sense.md 3). */
final class SenseJob extends StagedJob<SenseSpec.Plan, SenseJob.Trained> {
    /** The sum of the recalls at 1, 5 and 10 over both directions (sense.md 3e). */
    static final String SELECTION = "validation/recall_sum";

    private static final String MOMENTUM = "momentum";
    private static final String QUEUE = "queue";
    private static final String TOTALS = "totals";

    /** What begins anew with a stage. */
    record Trained(SenseStep step, StageOptimizer optimizer) implements Training {
        @Override
        public void close() {
            optimizer.close();
            step.close();
        }
    }

    /** The batches, which the job closes. */
    private record Batches(SenseBatches batches) implements Loader {
        @Override
        public Duration waited() {
            return batches.waited();
        }

        @Override
        public void close() {
            batches.close();
        }
    }

    /**
     * What a job reads of its data set.
     *
     * @param rows that take part
     * @param reader how reports are read
     */
    record Studies(DataSet data, int[] rows, StudyTexts.Reader reader) {}

    private final SenseSpec own;
    private final JobInput input;
    private final Studies studies;
    private final SenseBatches batches;
    private final Sense sense;
    private final MomentumWeights momentum;
    private final SenseEncoder keys;
    private final Rings rings;
    private final EpochTotals totals;
    private final SenseHealth health;
    private final SenseValidation validation;
    private @Nullable SenseEncoder normal;
    private @Nullable PreparedClusters prepared;
    private @Nullable EpochClusters clusters;
    /** What {@link #learn} leaves to {@link #afterStep}. */
    private SenseStep.@Nullable Result learned;

    private @Nullable Tensor learnedStudies;

    /**
     * A job at position 0, with first weights that are a function of the run seed and the imported ones.
     *
     * @param batches closed with the job
     * @param torch closed with the job
     */
    SenseJob(PretrainSpec spec, JobInput input, Studies studies, SenseBatches batches, Torch torch) {
        this(
                spec,
                input,
                studies,
                batches,
                torch,
                new Sense(SenseSpec.of(spec).model(), input.data().vocabulary().size()));
    }

    private SenseJob(
            PretrainSpec spec, JobInput input, Studies studies, SenseBatches batches, Torch torch, Sense sense) {
        super(
                spec,
                new StagePlan<>(SenseSpec.of(spec).stages(), batches.batchesPerEpoch()),
                new Batches(batches),
                torch,
                sense.layout().allocate(torch, ElementType.F32));
        this.own = SenseSpec.of(spec);
        this.input = input;
        this.studies = studies;
        this.batches = batches;
        this.sense = sense;
        Initializer.fill(torch, sense.layout(), parameters(), spec.seed());
        input.initial().copyInto(sense.layout(), parameters());
        this.momentum = new MomentumWeights(torch, sense, parameters(), own.momentum());
        this.keys = new SenseEncoder(torch, momentum.parameters(), sense);
        this.rings = new Rings(torch, own, ElementType.F32);
        this.totals = new EpochTotals(isClustered() ? studies.rows().length : 0);
        this.health = new SenseHealth(own, spec.batchSize());
        this.validation = SenseValidation.of(spec, studies);
    }

    /** Whether any epoch has clusters. */
    private boolean isClustered() {
        return own.lossWeights().mmc() > 0;
    }

    /** What it reads of its data set. */
    Studies studies() {
        return studies;
    }

    /** Computes features of its studies by the momentum networks as they are now. */
    FeaturePass features(Runnable alive) {
        return new FeaturePass(spec(), studies, keys, torch(), alive);
    }

    /** The clusters that the newest epoch learned from; null before there are any. */
    @Nullable
    PreparedClusters clusters() {
        return prepared;
    }

    @Override
    public Optional<String> selectionMetric() {
        return Optional.of(SELECTION);
    }

    @Override
    protected Trained open(SenseSpec.Plan stage) {
        SenseStep step = new SenseStep(torch(), sense, own, parameters(), keys);
        return new Trained(
                step, new StageOptimizer(torch(), spec().optimizer(), parameters(), step.trained(), sense.groups()));
    }

    /** Takes what was prepared for the epoch, also where the job goes on within it. */
    @Override
    public void epochBegins(Position position) {
        StagePlan.Place<SenseSpec.Plan> place = plan().locate(position.step());
        EpochClusters old = clusters;
        prepared = null;
        clusters = null;
        if (old != null) {
            old.close();
        }
        if (own.isClustered(place.epoch())) {
            input.alive().run();
            PreparedClusters read = PreparedClusters.read(
                    input.prepared().folder(position.step() - place.batch()), studies.rows().length);
            input.alive().run();
            prepared = read;
            clusters = read.onDevice(
                    torch(), studies.rows(), Math.toIntExact(studies.data().size()));
        }
    }

    @Override
    protected void clearTotals() {
        totals.begin(prepared);
        try (StepScope scope = torch().newStep()) {
            rings.clearFused(scope);
        }
    }

    @Override
    protected double rate(StagePlan.Place<SenseSpec.Plan> place) {
        SenseSpec.Plan plan = own.plan();
        return new EpochWarmupCosine(plan.epochs(), plan.warmupEpochs(), plan.learningRate()).rate(place.epoch());
    }

    @Override
    protected Map<String, Double> learn(
            Trained trained, StagePlan.Place<SenseSpec.Plan> place, StepScope scope, long step) {
        SenseBatch batch = batches.batch(place.epoch(), place.batch());
        Tensor keysOfStudies = scope.longs(batch.studyKeys(), batch.size());
        SenseStep.Result result = trained.step()
                .run(
                        scope,
                        StudyTensors.chunks(scope, batch, own.model().imageSize()),
                        keysOfStudies,
                        rings,
                        clusters,
                        pass -> Seeds.hash64("dropout", spec().seed(), step, pass));
        learned = result;
        learnedStudies = keysOfStudies;
        totals.add(result.figures());
        Map<String, Double> metrics = new LinkedHashMap<>();
        result.figures().forEach((figure, value) -> metrics.put(key(figure), value));
        return metrics;
    }

    private static String key(String figure) {
        if (figure.equals("total")) {
            return "train/loss";
        }
        return figure.contains("_") ? "train/" + figure : "train/loss_" + figure;
    }

    /** The moving average follows the optimiser's step, and then the keys enter the queues. */
    @Override
    protected Map<String, Double> afterStep(StepScope scope) {
        momentum.follow(scope);
        long filled = Objects.requireNonNull(learned).enqueue(scope, rings, Objects.requireNonNull(learnedStudies));
        learned = null;
        learnedStudies = null;
        return Map.of("train/queue_filled", (double) filled);
    }

    @Override
    protected Map<String, Double> lastOfEpoch(StagePlan.Place<SenseSpec.Plan> place) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        PreparedClusters now = prepared;
        totals.means().forEach((loss, mean) -> {
            if (isComputed(loss, now)) {
                metrics.put("epoch/loss_" + loss, mean);
            }
        });
        if (now != null) {
            int[] sizes = now.sizes();
            double[] objectives = now.objectives();
            metrics.put("epoch/kmeans_objective", objectives[objectives.length - 1]);
            metrics.put("epoch/kmeans_assignments", (double) objectives.length);
            metrics.put("epoch/kmeans_splits", (double) now.splits());
            for (int percent : new int[] {0, 10, 50, 90, 100}) {
                metrics.put("epoch/cluster_size_p" + percent, (double) sizes[percent * (sizes.length - 1) / 100]);
            }
            metrics.put("epoch/feature_spread", now.spread());
            if (!Double.isNaN(totals.agreement())) {
                metrics.put("epoch/labels_nmi", totals.agreement());
            }
        }
        return metrics;
    }

    private boolean isComputed(String loss, @Nullable PreparedClusters now) {
        return switch (loss) {
            case "cmc" -> own.lossWeights().cmc() > 0;
            case "mmc" -> now != null;
            default -> own.lossWeights().umc() > 0;
        };
    }

    /** What can be said of the settings. */
    @Override
    public StepDiagnostics stepEnded(long step) {
        if (step > 0) {
            return StepDiagnostics.NONE;
        }
        int wanted = own.clusters().count();
        int count = isClustered() ? KMeans.resolveClusters(studies.rows().length, wanted) : wanted;
        return new StepDiagnostics(Map.of(), health.before(studies.rows().length, count));
    }

    /** Loss and recalls on held-out studies, and what the epoch's own figures warn of. */
    @Override
    public StepDiagnostics epochEnded(Position position) {
        int epoch = plan().locate(position.step() - 1).epoch();
        List<OnceEvent> events = new ArrayList<>(health.after(epoch, totals, prepared));
        validation.whyNone().ifPresent(why -> events.add(new OnceEvent("NOT_VALIDATED", "run", why)));
        return new StepDiagnostics(validation.measure(torch(), this::normalEncoder, input.alive()), events);
    }

    /** Compiled when it is first asked for. */
    private SenseEncoder normalEncoder() {
        SenseEncoder known = normal;
        if (known == null) {
            known = new SenseEncoder(torch(), parameters(), sense);
            normal = known;
        }
        return known;
    }

    @Override
    protected TrainState withOwn(TrainState state) {
        return state.with(MOMENTUM, momentum.copyState())
                .with(QUEUE, rings.copyState())
                .with(TOTALS, totals.copy());
    }

    @Override
    protected void loadOwn(TrainState state) {
        momentum.loadState(state.section(MOMENTUM));
        rings.loadState(state.section(QUEUE));
        totals.load(state.section(TOTALS));
    }

    /** The momentum networks begin as copies. */
    @Override
    protected void weightsLoaded() {
        momentum.restart();
        rings.clear();
    }
}
