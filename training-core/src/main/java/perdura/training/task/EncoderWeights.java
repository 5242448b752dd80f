package perdura.training.task;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.model.ImageEncoder;
import perdura.training.model.Layout;
import perdura.training.torch.Parameters;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/** Where the encoder of a downstream task comes from. */
public sealed interface EncoderWeights {
    /** Copies the encoder's tensors over the first values, which are those of the run seed. */
    void copyInto(ImageEncoder encoder, Layout layout, Parameters parameters);

    /** No pre-training: the first values stay. */
    record Random() implements EncoderWeights {
        @Override
        public void copyInto(ImageEncoder encoder, Layout layout, Parameters parameters) {
            // The first values are the weights.
        }
    }

    /** Imported weights of an image encoder; what was imported beside it is not used. */
    record Imported(InitialWeights weights) implements EncoderWeights {
        @Override
        public void copyInto(ImageEncoder encoder, Layout layout, Parameters parameters) {
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
         * @throws PerduraException INVALID_SPEC if it lacks a tensor of the encoder or one has another shape; as
         *     {@link CheckpointReader#read} if it is damaged
         */
        @Override
        public void copyInto(ImageEncoder encoder, Layout layout, Parameters parameters) {
            Path weights = CheckpointReader.verifiedWeights(folder, manifestDigest);
            Map<String, List<Long>> shapes = encoder.layout().shapes();
            try (WeightFile file = WeightFile.open(weights)) {
                Map<String, FileTensor> found = new LinkedHashMap<>();
                file.tensors().forEach(tensor -> found.put(tensor.name(), tensor));
                shapes.forEach((name, shape) -> check(name, shape, found));
                shapes.keySet().forEach(name -> parameters.copyIn(file.read(tensor(name, found), name)));
            }
        }

        private void check(String name, List<Long> shape, Map<String, FileTensor> found) {
            List<Long> has = tensor(name, found).shape();
            if (!has.equals(shape)) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        folder + ": tensor " + name + " is " + has + ", of the encoder " + shape
                                + "; the encoder must have the sizes of the pre-training");
            }
        }

        private FileTensor tensor(String name, Map<String, FileTensor> found) {
            FileTensor tensor = found.get(name);
            if (tensor == null) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        folder + ": has no tensor " + name + "; the encoder must have the sizes of the pre-training");
            }
            return tensor;
        }
    }
}
