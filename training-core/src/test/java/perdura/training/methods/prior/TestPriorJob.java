package perdura.training.methods.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.datasets.data.PairBatch;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.PretrainSpec.PrepareSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.grids.spec.PretrainSpec.ValidationSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.methods.prior.spec.StageSpec;

class TestPriorJob {
    static final int VOCABULARY = 50;
    private static final int BATCH = 6;
    private static final int SIDE = 64;
    private static final int LENGTH = 14;
    private static final long STEPS_PER_EPOCH = 3;

    @Test
    void sameSpecGivesTheSameBits() {
        assertThat(digestAfter(spec(1), 5)).isEqualTo(digestAfter(spec(1), 5));
        assertThat(digestAfter(spec(1), 5)).isNotEqualTo(digestAfter(spec(2), 5));
    }

    @Test
    void resumedJobGoesOnWithTheSameBits() {
        String undisturbed = digestAfter(spec(1), 7);
        TrainState atFour;
        try (PriorJob job = job(spec(1))) {
            run(job, 0, 4);
            atFour = job.copyState();
            run(job, 4, 6); // the copy must not follow
        }
        try (PriorJob job = job(spec(1))) {
            run(job, 0, 2); // all of this must be replaced
            job.loadState(job.positionAfter(4), atFour);
            run(job, 4, 7);
            assertThat(StateDigest.of(job.positionAfter(7), job.copyState())).isEqualTo(undisturbed);
        }
    }

    @Test
    void dropoutIsDrawnAnewInEveryStep() {
        try (PriorJob job = job(spec(1))) {
            TrainState start = job.copyState();
            double first = loss(job.step(0));
            job.loadState(Position.START, start);
            assertThat(loss(job.step(0))).isEqualTo(first);
            job.loadState(Position.START, start);
            // Same batch and weights in the first step of the next epoch: only the masks differ.
            assertThat(loss(job.step(STEPS_PER_EPOCH))).isNotEqualTo(first);
        }
    }

    @Test
    void everyStepTellsItsMetrics() {
        try (PriorJob job = job(spec(1))) {
            Map<String, Double> metrics = job.step(0);
            assertThat(metrics.keySet())
                    .containsExactly(
                            "train/loss",
                            "train/loss_global",
                            "train/loss_r2i",
                            "train/loss_i2r",
                            "train/learning_rate",
                            "train/scale_global",
                            "train/scale_local",
                            "train/grad_norm");
            assertThat(metrics.values()).allSatisfy(value -> assertThat(value).isFinite());
            assertThat(metrics.get("train/learning_rate")).isEqualTo(1e-4);
        }
    }

    @Test
    void lossFallsOnBatchesThatRepeat() {
        PretrainSpec spec = spec(1);
        try (PriorJob job = PriorJob.open(spec, (stage, epoch, index) -> batch(0, 0), STEPS_PER_EPOCH, VOCABULARY, 1)) {
            double first = loss(job.step(0));
            run(job, 1, job.totalSteps() - 1);
            assertThat(loss(job.step(job.totalSteps() - 1))).isLessThan(0.8 * first);
        }
    }

    /** Anchor 20 of prior.md 9. */
    @Test
    void laterStagesStayBitEqualInStageOne() {
        try (PriorJob job = job(spec(1))) {
            Map<String, byte[]> before = laterStages(job.copyState());
            run(job, 0, 3);
            TrainState after = job.copyState();
            Map<String, byte[]> now = laterStages(after);
            assertThat(now.keySet()).isEqualTo(before.keySet()).hasSizeGreaterThan(10);
            now.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(before.get(name)));
            assertThat(after.optimizer()).noneMatch(tensor -> tensor.name().contains("decoder"));
        }
    }

    private static Map<String, byte[]> laterStages(TrainState state) {
        Map<String, byte[]> bytes = new TreeMap<>();
        for (HostTensor tensor : state.weights()) {
            if (tensor.name().matches("(spb|image_decoder|sentence_decoder|text\\.bert\\.pooler)\\..*")) {
                byte[] copy = new byte[tensor.data().remaining()];
                tensor.data().duplicate().get(copy);
                bytes.put(tensor.name(), copy);
            }
        }
        return bytes;
    }

    @Test
    void notFiniteLossStopsTheTraining() {
        PriorJob.Batches spoilt = (stage, epoch, index) -> {
            PairBatch batch = batch(epoch, index);
            batch.images().put(7, Float.NaN);
            return batch;
        };
        try (PriorJob job = PriorJob.open(spec(1), spoilt, STEPS_PER_EPOCH, VOCABULARY, 1)) {
            assertThatThrownBy(() -> job.step(0))
                    .isInstanceOf(PerduraException.class)
                    .hasMessageStartingWith("step 0: train/loss = NaN, train/loss_global = NaN")
                    .satisfies(e -> assertThat(((PerduraException) e).code()).isEqualTo(ErrorCode.TRAINING_DIVERGED));
        }
    }

    @Test
    void positionsNameTheEpochOfTheNextStep() {
        try (PriorJob job = job(spec(1))) {
            assertThat(job.totalSteps()).isEqualTo(60);
            assertThat(job.positionAfter(0)).isEqualTo(Position.START);
            assertThat(job.positionAfter(2)).isEqualTo(new Position(1, 0, 2));
            assertThat(job.positionAfter(3)).isEqualTo(new Position(1, 1, 3));
            assertThat(job.positionAfter(60)).isEqualTo(new Position(1, 20, 60));
            assertThatThrownBy(() -> job.step(60)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"ATTENTION, SOFTMAX, false", "MEAN, SIGMOID, false", "ATTENTION, SIGMOID, true", "MEAN, SOFTMAX, true"})
    void everySwitchTrains(ModelSpec.Gather gather, ModelSpec.LamActivation activation, boolean globalText) {
        PretrainSpec spec = spec(1, null, List.of(stage(1)), model(gather, activation, globalText, 4));
        try (PriorJob job = job(spec)) {
            assertThat(loss(job.step(0))).isFinite();
            assertThat(job.copyState().optimizer())
                    .extracting(HostTensor::name)
                    .filteredOn("step.projection.text_global.weight"::equals)
                    .hasSize(globalText ? 1 : 0);
        }
    }

    @Test
    void headsThatDontDivideAreRefused() {
        ModelSpec uneven = model(ModelSpec.Gather.MEAN, ModelSpec.LamActivation.SIGMOID, false, 5);
        assertThatThrownBy(() -> job(spec(1, null, List.of(stage(1)), uneven)))
                .isInstanceOf(PerduraException.class)
                .hasMessageContainingAll("model.bertHeads", "bertHidden", "was 5", "and 32");
    }

    @Test
    void clippingBoundsTheStepAndTellsTheNormBefore() {
        try (PriorJob plain = job(spec(1));
                PriorJob clipped = job(spec(1, 1e-3, List.of(stage(1))))) {
            double norm = plain.step(0).getOrDefault("train/grad_norm", Double.NaN);
            assertThat(norm).isGreaterThan(1e-3);
            assertThat(clipped.step(0)).containsEntry("train/grad_norm", norm);
            assertThat(clipped.copyState().optimizer().get(0).data())
                    .isNotEqualTo(plain.copyState().optimizer().get(0).data());
        }
    }

    private static String digestAfter(PretrainSpec spec, long steps) {
        try (PriorJob job = job(spec)) {
            run(job, 0, steps);
            return StateDigest.of(job.positionAfter(steps), job.copyState());
        }
    }

    private static void run(PriorJob job, long from, long until) {
        for (long step = from; step < until; step++) {
            job.step(step);
        }
    }

    private static double loss(Map<String, Double> metrics) {
        return metrics.getOrDefault("train/loss", Double.NaN);
    }

    private static PriorJob job(PretrainSpec spec) {
        return PriorJob.open(spec, (stage, epoch, index) -> batch(0, index), STEPS_PER_EPOCH, VOCABULARY, 1);
    }

    private static PretrainSpec spec(long seed) {
        return spec(seed, null, List.of(stage(1)));
    }

    private static StageSpec stage(int stage) {
        return PriorSpecs.stage(stage, 20);
    }

    private static PretrainSpec spec(long seed, @Nullable Double clipNorm, List<StageSpec> stages) {
        ModelSpec model = model(ModelSpec.Gather.ATTENTION, ModelSpec.LamActivation.SIGMOID, false, 4);
        return spec(seed, clipNorm, stages, model);
    }

    static PretrainSpec spec(long seed, @Nullable Double clipNorm, List<StageSpec> stages, ModelSpec model) {
        return spec(seed, null, clipNorm, stages, model);
    }

    static PretrainSpec spec(
            long seed, @Nullable Integer chunk, @Nullable Double clipNorm, List<StageSpec> stages, ModelSpec model) {
        return new PretrainSpec(
                "test",
                "test",
                "tiny",
                seed,
                BATCH,
                chunk,
                new PriorSpec(model, new AugmentSpec(0, false, false), stages),
                DataSpec.ingested("data", DataSpec.Split.TRAIN),
                InitialWeightsSpec.NONE,
                new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, clipNorm),
                new PretrainSpec.Execution(
                        new CommitSpec(Duration.ofMinutes(1), null, 2),
                        new ResourceSpec("cpu", 1),
                        new ResumeSpec(ResumeSpec.Environment.RECORD),
                        PrepareSpec.NONE,
                        ValidationSpec.NONE));
    }

    private static ModelSpec model(
            ModelSpec.Gather gather, ModelSpec.LamActivation activation, boolean globalText, int bertHeads) {
        return new ModelSpec(
                new ModelSpec.Image(SIDE, new ResnetSpec(List.of(1, 1, 1, 1), 4), 4),
                new ModelSpec.Text(16, Overlong.KEEP_SEP, new BertSpec(32, 2, bertHeads, 48, 16), 0.1),
                new ModelSpec.Heads(24, gather, 6, 3, globalText, activation, 12),
                20,
                new ModelSpec.Decoders(5, new ModelSpec.Decoders.SentenceDecoder(2, 4, 40), List.of(24, 16, 12, 8, 6)),
                0.07,
                100,
                PriorSpecs.SPB,
                PriorSpecs.CCR);
    }

    /** Noise as images; reports of one to three sentences. A function of its place. */
    static PairBatch batch(int epoch, long index) {
        RandomStream random = Seeds.stream("batch", epoch, index);
        FloatBuffer images = direct(4 * BATCH * SIDE * SIDE).asFloatBuffer();
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, (float) random.nextGaussian());
        }
        LongBuffer ids = direct(8 * BATCH * LENGTH).asLongBuffer();
        LongBuffer mask = direct(8 * BATCH * LENGTH).asLongBuffer();
        LongBuffer map = direct(8 * BATCH * LENGTH).asLongBuffer();
        for (int row = 0; row < BATCH; row++) {
            int sentences = 1 + row % 3;
            for (int i = 0; i < LENGTH; i++) {
                boolean inSentence = i > 0 && i <= 4 * sentences;
                boolean text = i <= 4 * sentences + 1;
                ids.put(row * LENGTH + i, text ? 1 + random.bounded(VOCABULARY - 1) : 0);
                mask.put(row * LENGTH + i, text ? 1 : 0);
                map.put(row * LENGTH + i, inSentence ? 1 + (i - 1) / 4 : -1);
            }
        }
        return new PairBatch(BATCH, LENGTH, images, ids, mask, map);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
