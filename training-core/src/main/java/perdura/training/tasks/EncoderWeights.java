package perdura.training.tasks;

import java.nio.file.Path;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.weights.CheckpointWeights;
import perdura.training.weights.InitialWeights;

/** Where the encoder of a downstream task comes from. */
public sealed interface EncoderWeights {
    /** Copies the encoder's tensors over the first values, which are those of the run seed. */
    void copyInto(ImageEncoder encoder, StateDictLayout layout, Parameters parameters);

    /** No pre-training: the first values stay. */
    record Random() implements EncoderWeights {
        @Override
        public void copyInto(ImageEncoder encoder, StateDictLayout layout, Parameters parameters) {
            // The first values are the weights.
        }
    }

    /** Imported weights of an image encoder; what was imported beside it is not used. */
    record Imported(InitialWeights weights) implements EncoderWeights {
        @Override
        public void copyInto(ImageEncoder encoder, StateDictLayout layout, Parameters parameters) {
            weights.copyInto(layout, parameters);
        }
    }

    /**
     * A checkpoint of any run with an image encoder, of which the backbone alone is taken ({@code image.backbone.*}).
     *
     * @param manifestDigest what the store knows about it
     */
    record OfCheckpoint(Path folder, String manifestDigest) implements EncoderWeights {
        /**
         * @throws perdura.grids.spec.PerduraException as {@link CheckpointWeights#copyInto}
         */
        @Override
        public void copyInto(ImageEncoder encoder, StateDictLayout layout, Parameters parameters) {
            new CheckpointWeights(folder, manifestDigest).copyInto(encoder.layout(), parameters, "the encoder");
        }
    }
}
