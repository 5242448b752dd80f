package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.training.golden.PriorSpecs;
import perdura.training.method.Method.StepMemory;
import perdura.training.methods.prior.model.PriorMemory.SavedActivations;

class TestPriorMemory {
    private static final Prior PAPER = new Prior(PriorSpecs.paper(), 28996);
    private static final long PARAMETERS = 237_432_307;
    /** Running means and variances, and counts: 63 BatchNorms over 29,536 channels. */
    private static final long BUFFERS = 2 * 29_536 + 63;

    /** {@code kept_bytes.py}: what PyTorch's autograd keeps of a sample. */
    @ParameterizedTest
    @CsvSource({"1, 332466999", "3, 454336214"})
    void keptNumbersAreThoseThatPyTorchKeeps(int stage, double bytes) {
        double counted = 4 * new SavedActivations(PriorSpecs.paper(), PriorSpecs.stage(stage, 1), 256).count();
        assertThat(counted).isCloseTo(bytes, withinPercentage(2));
    }

    @Test
    void weightsGradientsAndMomentsAreExact() {
        StepMemory three = PriorMemory.of(PAPER, PriorSpecs.stage(3, 1), 128, null);
        assertThat(three.weights()).isEqualTo(4 * (PARAMETERS + BUFFERS));
        assertThat(three.gradients()).isEqualTo(4 * (PARAMETERS - 590_592)); // all but BERT's pooler
        assertThat(three.moments()).isEqualTo(2 * three.gradients());
        StepMemory one = PriorMemory.of(PAPER, PriorSpecs.stage(1, 1), 128, null);
        assertThat(one.weights()).isEqualTo(three.weights());
        assertThat(one.gradients())
                .isEqualTo(three.gradients() - 4 * (393_216 + 12_288 + 56_710_656 + 14_592 + 21_219_313));
    }

    @Test
    void activationsGrowWithTheChunkNotTheBatch() {
        assertThat(activations(128, 8)).isLessThan(2 * activations(8, null)).isGreaterThan(activations(8, null));
        assertThat(activations(128, null)).isEqualTo(16 * activations(8, null));
    }

    private static long activations(int batch, @Nullable Integer chunk) {
        return PriorMemory.of(PAPER, PriorSpecs.stage(3, 1), batch, chunk).activations();
    }
}
