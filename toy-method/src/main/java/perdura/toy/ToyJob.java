package perdura.toy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import perdura.datasets.data.PairBatch;
import perdura.datasets.data.PairBatches;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Method.JobInput;
import perdura.training.method.StageOptimizer;
import perdura.training.method.StagePlan;
import perdura.training.method.StagedJob;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.optim.ParameterGroup;
import perdura.training.torch.Gradients;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** The toy method's pre-training. */
final class ToyJob extends StagedJob<ToySpec.Phase, ToyJob.Trained> {
    private static final String CENTRE = "centre";

    /** The batches, which the job closes. */
    record Batches(PairBatches batches) implements Loader {
        @Override
        public Duration waited() {
            return batches.waited();
        }

        @Override
        public void close() {
            batches.close();
        }
    }

    /** What begins anew with a stage. */
    record Trained(ToyModel model, StageOptimizer optimizer) implements Training {
        @Override
        public void close() {
            optimizer.close();
            model.close();
        }
    }

    private final ToySpec own;
    private final Batches batches;
    private final EpochPreparation.Results prepared;
    private float[] centre;

    ToyJob(PretrainSpec spec, Batches batches, JobInput input, Torch torch, StateDictLayout layout) {
        super(
                spec,
                new StagePlan<>(ToySpec.of(spec).stages(), batches.batches().batchesPerEpoch()),
                batches,
                torch,
                layout.allocate(torch, ElementType.F32));
        Initializer.fill(torch, layout, parameters(), spec.seed());
        input.initial().copyInto(layout, parameters());
        this.own = ToySpec.of(spec);
        this.batches = batches;
        this.prepared = input.prepared();
        this.centre = new float[ToyModel.encoder(own).features()];
    }

    @Override
    protected Trained open(ToySpec.Phase stage) {
        ToyModel model = new ToyModel(torch(), parameters(), own, ScriptBuilder.Mode.TRAIN);
        List<ParameterGroup> groups = List.of(
                new ParameterGroup(Pattern.compile("scale"), 1, 0.0, false),
                ParameterGroup.below("image|projection", 1));
        return new Trained(
                model, new StageOptimizer(torch(), spec().optimizer(), parameters(), model.trained(), groups));
    }

    /** Takes what was prepared for the epoch, also where the job goes on within it. */
    @Override
    public void epochBegins(Position position) {
        if (own.centred()) {
            long begin = position.step() - plan().locate(position.step()).batch();
            centre = read(prepared.folder(begin));
        }
    }

    @Override
    protected double rate(StagePlan.Place<ToySpec.Phase> place) {
        return place.stage().learningRate();
    }

    @Override
    protected Map<String, Double> learn(
            Trained trained, StagePlan.Place<ToySpec.Phase> place, StepScope scope, long step) {
        PairBatch batch = batches.batches().batch(place.stage().stage(), place.epoch(), place.batch());
        Tensor images = images(scope, batch);
        Tensor ids = scope.longs(batch.ids(), batch.size(), batch.textLength());
        Tensor mask = scope.longs(batch.attentionMask(), batch.size(), batch.textLength());
        Tensor middle = scope.floats(FloatBuffer.wrap(centre), 1, centre.length);
        Tensor loss = Gradients.record(() -> trained.model().call(scope, "loss", images, middle, ids, mask));
        Gradients.backward(scope, loss);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("train/loss", loss.item());
        return metrics;
    }

    private Tensor images(StepScope scope, PairBatch batch) {
        return scope.floats(batch.images(), batch.size(), 1, own.imageSize(), own.imageSize());
    }

    /** The mean feature of every n-th batch of an epoch, in evaluation mode: the shard's part of what the epoch is centred by. */
    void writeMean(long step, int shard, int shards, Path folder, Runnable alive) throws IOException {
        StagePlan.Place<ToySpec.Phase> place = plan().locate(step);
        double[] sum = new double[centre.length];
        long count = 0;
        try (ToyModel model = new ToyModel(torch(), parameters(), own, ScriptBuilder.Mode.EVAL)) {
            for (long index = shard; index < plan().stepsPerEpoch(); index += shards) {
                try (StepScope scope = torch().newStep()) {
                    PairBatch batch = batches.batches().batch(place.stage().stage(), place.epoch(), index);
                    double[] features =
                            model.call(scope, "features", images(scope, batch)).toDoubles();
                    IntStream.range(0, features.length).forEach(i -> sum[i % sum.length] += features[i]);
                    count += batch.size();
                }
                alive.run();
            }
        }
        double all = Math.max(1, count);
        write(folder, Arrays.stream(sum).map(each -> each / all).toArray());
    }

    static void write(Path folder, double[] values) throws IOException {
        Files.writeString(
                folder.resolve(CENTRE),
                Arrays.stream(values).mapToObj(String::valueOf).collect(Collectors.joining("\n")));
    }

    static float[] read(Path folder) {
        try {
            List<String> lines = Files.readAllLines(folder.resolve(CENTRE));
            float[] values = new float[lines.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = Float.parseFloat(lines.get(i));
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
