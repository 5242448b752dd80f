package perdura.training.pretrain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.data.PriorBatch;
import perdura.training.data.PriorBatches;
import perdura.training.loop.TrainingJob;
import perdura.training.model.Initializer;
import perdura.training.model.Layout;
import perdura.training.model.LogScaleCap;
import perdura.training.model.Prior;
import perdura.training.model.Program;
import perdura.training.optim.FusedAdam;
import perdura.training.optim.GlobalNorm;
import perdura.training.optim.WarmupCosine;
import perdura.training.seeds.Seeds;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;
import perdura.training.weights.InitialWeights;

/** PRIOR's stage 1 on one device (prior.md 2.9, 3). One job in a process: the engine's seed is the process's. */
public final class PriorJob implements TrainingJob {
    /** The losses that {@code stage1} returns, in its order. */
    private static final List<String> LOSSES =
            List.of("train/loss", "train/loss_global", "train/loss_i2r", "train/loss_r2i");

    /** Where batches come from. */
    interface Batches {
        /** The batch of a place; a function of the place alone. */
        PriorBatch batch(int stage, int epoch, long index);
    }

    private final PretrainSpec spec;
    private final Batches batches;
    private final StagePlan plan;
    private final Program program;
    private final Torch torch;
    private final Parameters parameters;
    private final Script script;
    private final List<Tensor> arguments;
    private final Gradients gradients;
    private final GlobalNorm norm;
    private final FusedAdam optimizer;
    private final LogScaleCap cap;

    private PriorJob(
            PretrainSpec spec, Batches batches, long stepsPerEpoch, InitialWeights initial, Torch torch, Prior prior) {
        Layout layout = prior.layout();
        this.spec = spec;
        this.batches = batches;
        this.plan = new StagePlan(spec.stages(), stepsPerEpoch);
        this.program = prior.stage1(Program.Mode.TRAIN);
        this.torch = torch;
        this.parameters = layout.allocate(torch, ElementType.F32);
        Initializer.fill(torch, layout, parameters, spec.seed());
        initial.copyInto(layout, parameters);
        this.script = Script.compile(torch, program.text());
        this.arguments = program.arguments(parameters);
        this.gradients = new Gradients(torch, parameters, program.trained());
        this.norm = new GlobalNorm(torch, gradients);
        this.optimizer = new FusedAdam(
                torch,
                spec.optimizer(),
                parameters,
                gradients,
                List.of(new FusedAdam.Group(program.trained(), spec.optimizer().weightDecay())));
        this.cap = new LogScaleCap(torch, parameters);
    }

    /**
     * A job at position 0, with first weights that are a function of the run seed and the imported ones. To be called by the thread that then
     * drives the job.
     *
     * @param batches stays the caller's
     * @param initial imported weights that the spec names
     * @param vocabulary number of WordPieces
     * @param threads intra-op threads that the run is bound to, at least 1
     * @throws PerduraException INVALID_SPEC if the plan is more than stage 1 or this machine lacks the device;
     *     OUT_OF_MEMORY
     */
    public static PriorJob open(
            PretrainSpec spec, PriorBatches batches, InitialWeights initial, int vocabulary, int threads) {
        return open(spec, batches::batch, batches.batchesPerEpoch(), initial, vocabulary, threads);
    }

    static PriorJob open(PretrainSpec spec, Batches batches, long stepsPerEpoch, int vocabulary, int threads) {
        return open(spec, batches, stepsPerEpoch, InitialWeights.NONE, vocabulary, threads);
    }

    static PriorJob open(
            PretrainSpec spec,
            Batches batches,
            long stepsPerEpoch,
            InitialWeights initial,
            int vocabulary,
            int threads) {
        List<Integer> stages = spec.stages().stream().map(StageSpec::stage).toList();
        if (!stages.equals(List.of(1))) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "stages must be stage 1 alone, were " + stages + "; later stages can't be trained yet");
        }
        Torch torch = Torch.start(spec.resources().device(), threads);
        try {
            return new PriorJob(spec, batches, stepsPerEpoch, initial, torch, new Prior(spec.model(), vocabulary));
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
        int stage = place.stage().stage();
        PriorBatch batch = batches.batch(stage, place.epoch(), place.batch());
        double rate = rate(place);
        torch.seed(Seeds.hash64("dropout", spec.seed(), stage, step));
        try (StepScope scope = torch.newStep()) {
            Map<String, Double> metrics = backpropagate(scope, batch, step);
            double gradientNorm = clip(scope, step);
            optimizer.step(scope, rate);
            double[] scales = cap.apply(scope);
            metrics.put("train/learning_rate", rate);
            metrics.put("train/scale_global", scales[0]);
            metrics.put("train/scale_local", scales[1]);
            metrics.put("train/grad_norm", gradientNorm);
            return metrics;
        }
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

    /** Leaves the batch's gradients and returns its losses. */
    private Map<String, Double> backpropagate(StepScope scope, PriorBatch batch, long step) {
        gradients.zero(scope);
        Tensor[] inputs = inputs(scope, batch);
        List<Tensor> losses = Gradients.record(() -> script.call(scope, "stage1", List.of(arguments), inputs));
        Map<String, Double> values = new LinkedHashMap<>();
        List<String> notFinite = new ArrayList<>();
        for (int i = 0; i < LOSSES.size(); i++) {
            double value = losses.get(i).item();
            values.put(LOSSES.get(i), value);
            if (!Double.isFinite(value)) {
                notFinite.add(LOSSES.get(i) + " = " + value);
            }
        }
        if (!notFinite.isEmpty()) {
            throw diverged(step, String.join(", ", notFinite));
        }
        Gradients.backward(scope, losses.get(0));
        return values;
    }

    /** images [B, 1, S, S], ids, attention mask and sentence map [B, L]. */
    private Tensor[] inputs(StepScope scope, PriorBatch batch) {
        long side = spec.model().imageSize();
        return new Tensor[] {
            scope.floats(batch.images(), batch.size(), 1, side, side),
            scope.longs(batch.ids(), batch.size(), batch.textLength()),
            scope.longs(batch.attentionMask(), batch.size(), batch.textLength()),
            scope.longs(batch.sentenceMap(), batch.size(), batch.textLength())
        };
    }

    /** @return the global gradient norm before clipping */
    private double clip(StepScope scope, long step) {
        Double greatest = spec.optimizer().clipNorm();
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
        return new TrainState(parameters.copyOut(), optimizer.copyState());
    }

    @Override
    public void loadState(TrainState state) {
        parameters.copyIn(state.weights());
        optimizer.loadState(state.optimizer());
    }

    @Override
    public void close() {
        torch.close();
    }
}
