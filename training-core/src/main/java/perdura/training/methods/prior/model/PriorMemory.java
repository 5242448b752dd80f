package perdura.training.methods.prior.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.training.method.Method.StepMemory;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.Bert;
import perdura.training.nn.StateDictLayout;

/**
 * What a training step of a stage needs. Weights, gradients and moments are exact; activations are counted from the shapes, for reports as
 * long as the model takes and for the processor, whose attention keeps all of its weights: a GPU needs less.
 */
public final class PriorMemory {
    private static final int FLOAT = 4;

    private PriorMemory() {}

    /**
     * Counts.
     *
     * @param batch samples of a step
     * @param chunk samples that run at a time; null for all
     */
    public static StepMemory of(Prior prior, StageSpec stage, int batch, @Nullable Integer chunk) {
        StateDictLayout layout = prior.layout();
        ModelSpec spec = prior.spec();
        long trained = FLOAT * layout.countNumbers(StageForward.trained(prior, stage));
        SavedActivations kept = new SavedActivations(spec, stage, spec.textLength());
        int running = chunk == null ? batch : chunk;
        double activations =
                running * (kept.count() + 2 * kept.greatest()) + (double) batch * ofWholeBatch(spec, stage);
        return new StepMemory(
                FLOAT * layout.countNumbers(List.copyOf(layout.shapes().keySet())),
                trained,
                2 * trained,
                FLOAT * Math.round(activations));
    }

    /** Image, text and noise of a sample, and what of a chunk's first pass waits for the second, with its gradients. */
    private static double ofWholeBatch(ModelSpec spec, StageSpec stage) {
        double embeddings = 0;
        for (String name : LossTerms.of(stage).embeddings()) {
            int rows = name.equals("v") ? spec.patches() : name.equals("s") ? spec.queries() : 1;
            embeddings += 2.0 * rows * spec.dim();
        }
        double noise = stage.has(StageSpec.Module.SPB) ? 2.0 * spec.queries() * spec.prototypes() : 0;
        double image = (double) spec.imageSize() * spec.imageSize();
        return image + 6.0 * spec.textLength() + noise + embeddings; // three int64 of a text's position
    }

    /**
     * How many numbers a recorded pass keeps for its backward pass, of one sample: counted from the shapes, where each module's text
     * says what its operations look at again. A convolution keeps what it reads, BatchNorm too, ReLU what it gives, a linear layer what it
     * reads, dropout a byte each, softmax what it gives.
     *
     * @param length positions L of the texts
     */
    record SavedActivations(ModelSpec spec, StageSpec stage, int length) {
        double count() {
            LossTerms terms = LossTerms.of(stage);
            double kept = text() + alignment();
            if (terms.has("global") || terms.seesPatches()) {
                kept += new Prior(spec, 1).backbone().savedNumbers(spec.imageSize())
                        + 7.0 * patches() * spec.image().resnet().channels(); // pool, projections
            }
            if (terms.has("img")) {
                kept += imageDecoder();
            }
            if (terms.generates()) {
                kept += sentenceDecoder();
            }
            return kept;
        }

        /** The greatest tensor that the backward pass goes through; about two of its size are needed beside what was kept. */
        double greatest() {
            double side = spec.imageSize();
            double text = (double) spec.text().bert().heads() * length * length;
            double image = spec.image().resnet().width() * side * side / 4;
            double decoded = LossTerms.of(stage).has("img") ? decoderWidth(channels() - 2) * side * side : 0;
            return Math.max(decoded, Math.max(text, image));
        }

        private double text() {
            Bert bert = new Prior(spec, 1).bert();
            return bert.savedNumbersOfEmbeddings(length)
                    + bert.layers() * bert.savedNumbersPerLayer(length)
                    + (double) length * (spec.dim() + 2 * spec.heads().tokenPoolDim());
        }

        /** LAM, the local losses, the bank and the pools. */
        private double alignment() {
            return 24.0 * patches() * spec.dim()
                    + 16.0 * spec.queries() * spec.dim()
                    + 8.0 * spec.queries() * (patches() + length / 2.0 + spec.prototypes());
        }

        private double imageDecoder() {
            double side = spec.grid();
            double kept = 4.0 * patches() * spec.dim() + 3 * square(spec.imageSize());
            for (int block = 0; block < channels(); block++) {
                side *= 2;
                kept += (decoderWidth(block - 1) + 4 * decoderWidth(block)) * square(side);
            }
            return kept;
        }

        private double sentenceDecoder() {
            double queries = spec.queries();
            Bert bert = new Prior(spec, 1).bert(); // whose dropout the decoder has too
            double layer = (12 + 3 * bert.savedMask()) * queries * spec.dim()
                    + 2 * queries * spec.decoders().decoder().ffn()
                    + 2.0 * patches() * spec.dim()
                    + bert.savedAttention() * spec.decoders().decoder().heads() * queries * (queries + patches());
            return spec.decoders().decoder().layers() * layer + 8 * queries * spec.prototypes();
        }

        private int channels() {
            return spec.decoders().imageDecoderChannels().size();
        }

        /** Channels that a block of the image decoder gives; block -1 is what the first one reads. */
        private double decoderWidth(int block) {
            return block < 0
                    ? 2.0 * spec.dim()
                    : spec.decoders().imageDecoderChannels().get(block);
        }

        private int patches() {
            return spec.patches();
        }

        private static double square(double side) {
            return side * side;
        }
    }
}
