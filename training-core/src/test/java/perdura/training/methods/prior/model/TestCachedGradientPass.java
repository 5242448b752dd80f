package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.model.ChunkCase.Learnt;
import perdura.training.methods.prior.model.ForwardPlan.Part;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec.LossMean;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;
import perdura.training.nn.ScriptBuilder.Mode;

/** A batch in chunks against the whole batch. */
class TestCachedGradientPass {
    private static final LossWeights ALL = new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 0.5, 3);
    private static final String COUNTER = "image.backbone.bn1.num_batches_tracked";

    @ParameterizedTest
    @CsvSource({"1, F64, 1e-10", "2, F64, 1e-10", "3, F64, 1e-10", "1, F32, 1e-5", "2, F32, 1e-5", "3, F32, 1e-5"})
    void gradientsAreThoseOfTheWholeBatchWithoutBatchStatistics(int stage, ElementType type, double tolerance) {
        try (ChunkCase test = new ChunkCase(PriorSpecs.stage(stage, 1), 0, LossMean.SENTENCES, type)) {
            Learnt whole = test.whole(Mode.EVAL);
            for (int size : new int[] {1, 2, 3, 4, 6}) {
                test.chunked(Mode.EVAL, size).check(whole, tolerance);
            }
        }
    }

    /** With noise, masks and everything else that a training step draws, but for dropout. */
    @ParameterizedTest
    @CsvSource({"SENTENCES, F64, 1e-10", "REPORTS, F64, 1e-10", "SENTENCES, F32, 1e-5"})
    void everyTermAndItsNoiseIsThatOfTheWholeBatch(LossMean mean, ElementType type, double tolerance) {
        try (ChunkCase test = new ChunkCase(stage(ALL), 0, mean, type)) {
            Learnt whole = test.wholeFrozen();
            assertThat(whole.figures()).containsKeys("loss_cross_image", "loss_cross_patch", "loss_gpa", "query_hits");
            for (int size : new int[] {1, 2, 4, 6}) {
                test.chunkedFrozen(size).check(whole, tolerance);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void evaluationMeasuresWhatTheWholeBatchDoesAndLearnsNothing(int stage) {
        try (ChunkCase test = new ChunkCase(PriorSpecs.stage(stage, 1), 0.1, LossMean.SENTENCES, ElementType.F64)) {
            Learnt whole = test.whole(Mode.EVAL);
            Learnt measured = test.measured(4);
            assertThat(measured.gradients().values()).allMatch(gradient -> GoldenRun.largest(gradient) == 0);
            new Learnt(measured.total(), measured.figures(), measured.usage(), whole.gradients(), measured.buffers())
                    .check(whole, 1e-10);
            assertThat(measured.buffers().get(COUNTER)).containsExactly(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void oneChunkDrawsAndCountsAsTheWholeBatchDoes(int stage) {
        try (ChunkCase test = new ChunkCase(PriorSpecs.stage(stage, 1), 0.1, LossMean.SENTENCES, ElementType.F32)) {
            Learnt whole = test.whole(Mode.TRAIN);
            Learnt chunked = test.chunked(Mode.TRAIN, ChunkCase.SENTENCES.length);
            chunked.check(whole, 1e-5);
            assertThat(chunked.buffers()).usingRecursiveComparison().isEqualTo(whole.buffers());
            assertThat(chunked.buffers().get(COUNTER)).containsExactly(1);
        }
    }

    @Test
    void runningStatisticsMoveOncePerChunk() {
        try (ChunkCase test = new ChunkCase(PriorSpecs.stage(1, 1), 0, LossMean.SENTENCES, ElementType.F32)) {
            Map<String, double[]> buffers = test.chunked(Mode.TRAIN, 2).buffers();
            assertThat(buffers.get(COUNTER)).containsExactly(3);
            assertThat(buffers).usingRecursiveComparison().isEqualTo(test.buffersAfterParts(2));
        }
    }

    /**
     * By its definition: the difference of the losses that are told to both sides, with statistics of chunks and with dropout,
     * which must be alike in both passes. Without L_r2i, whose gradient is not that of its value.
     */
    @Test
    void gradientIsThatOfTheLossThatIsTold() {
        LossWeights smooth = new LossWeights(10, 0, 1, 10, 1, 10, 1, 1, 0.5, 3);
        try (ChunkCase test = new ChunkCase(stage(smooth), 0.2, LossMean.SENTENCES, ElementType.F64)) {
            RandomStream random = Seeds.stream("direction");
            Map<String, double[]> direction = new LinkedHashMap<>();
            double slope = 0;
            for (Map.Entry<String, double[]> gradient :
                    test.chunked(Mode.TRAIN, 2).gradients().entrySet()) {
                double[] way = new double[gradient.getValue().length];
                for (int i = 0; i < way.length; i++) {
                    way[i] = random.nextGaussian();
                    slope += way[i] * gradient.getValue()[i];
                }
                direction.put(gradient.getKey(), way);
            }
            double length = 1e-7;
            test.move(direction, length);
            double above = test.chunked(Mode.TRAIN, 2).total();
            test.move(direction, -2 * length);
            double below = test.chunked(Mode.TRAIN, 2).total();
            assertThat((above - below) / (2 * length)).isCloseTo(slope, within(1e-4 * Math.abs(slope)));
        }
    }

    @Test
    void samplesThatAreNotComparedAddUp() {
        LossWeights alone = new LossWeights(0, 1, 1, 10, 1, 10, 1, 0, 0, 0);
        try (ChunkCase test = new ChunkCase(stage(alone), 0, LossMean.SENTENCES, ElementType.F64)) {
            test.chunkedFrozen(2).check(test.wholeFrozen(), 1e-10);
        }
    }

    @ParameterizedTest
    @EnumSource(LossMean.class)
    void aLimitOfSentencesIsThatOfTheWholeBatch(LossMean mean) {
        CcrSpec ccr = new CcrSpec(
                CcrSpec.Mask.CHANNEL, 0.5, CcrSpec.Block.CONV_BN_RELU, false, false, CcrSpec.RequeryNoise.NONE, 2);
        try (ChunkCase test = new ChunkCase(stage(ALL), ChunkCase.prior(0, mean, ccr), ElementType.F64)) {
            test.chunkedFrozen(4).check(test.wholeFrozen(), 1e-10);
        }
    }

    @Test
    void samplesThatAreOnlyComparedAreComparedWhole() {
        LossWeights compared = new LossWeights(1, 0, 0, 0, 0, 0, 0, 1, 1, 1);
        try (ChunkCase test = new ChunkCase(stage(compared), 0, LossMean.SENTENCES, ElementType.F64)) {
            test.chunkedFrozen(2).check(test.wholeFrozen(), 1e-10);
        }
    }

    @Test
    void bothWaysTrainTheSameParameters() {
        for (int number = 1; number <= 3; number++) {
            StageSpec stage = PriorSpecs.stage(number, 1);
            Prior prior = ChunkCase.prior(0, LossMean.SENTENCES);
            assertThat(new StageProgram(prior, stage, Mode.TRAIN, Part.CHUNK)
                            .program()
                            .trained())
                    .containsExactlyInAnyOrderElementsOf(StageForward.trained(prior, stage));
        }
    }

    @Test
    void emptyChunkIsRefused() {
        try (ChunkCase test = new ChunkCase(PriorSpecs.stage(1, 1), 0, LossMean.SENTENCES, ElementType.F32)) {
            assertThatThrownBy(() -> test.chunked(Mode.EVAL, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("1 sample", "was 0");
        }
    }

    private static StageSpec stage(LossWeights weights) {
        return new StageSpec(3, 1, 0, 1, 0, 0, PriorSpecs.modules(3), weights, LearningRateFactors.ONE);
    }
}
