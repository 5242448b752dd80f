package perdura.training.methods.sense;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.methods.sense.PreparedClusters.Numbers;

/**
 * Study features that were computed together. The arrays are its own: not to be changed.
 *
 * @param rows of the data set, ascending [n]
 * @param features [n, width]
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FeatureShard(int[] rows, float[] features) {
    private static final String FILE = "features.safetensors";
    private static final String FEATURES = "features";
    private static final String ROWS = "rows";

    void write(Path folder) throws IOException {
        SafetensorsWriter.write(
                folder.resolve(FILE),
                List.of(
                        Numbers.floats(FEATURES, features, rows.length, features.length / rows.length),
                        StateNumbers.ofWhole(
                                ROWS, Arrays.stream(rows).asLongStream().toArray())),
                DurableEffects.counting());
    }

    /**
     * The features of all shards, outside of the heap.
     *
     * @param folders of the shards, in order
     * @throws PerduraException CHECKPOINT_DAMAGED if they don't fit together
     */
    static FloatBuffer join(List<Path> folders, int width, Runnable alive) throws IOException {
        List<HostTensor> parts = new ArrayList<>();
        long numbers = 0;
        long last = -1;
        for (Path folder : folders) {
            List<HostTensor> tensors = SafetensorsReader.read(folder.resolve(FILE));
            HostTensor part = tensors.stream()
                    .filter(tensor -> tensor.name().equals(FEATURES))
                    .findFirst()
                    .orElseThrow(() -> damaged(folder, "has no features"));
            if (part.shape().size() != 2 || part.shape().get(1) != width) {
                throw damaged(folder, "the features must be [n, " + width + "], were " + part.shape());
            }
            for (long row : StateNumbers.readWhole(
                    ROWS, tensors, Math.toIntExact(part.shape().get(0)))) {
                if (row <= last) {
                    throw damaged(folder, "row " + row + " of the data set comes after row " + last);
                }
                last = row;
            }
            numbers += part.shape().get(0) * width;
            parts.add(part);
            alive.run();
        }
        FloatBuffer all = Numbers.allocateFloats(numbers);
        for (HostTensor part : parts) {
            all.put(Numbers.floatsOf(part));
        }
        return all.flip();
    }

    private static PerduraException damaged(Path folder, String what) {
        return new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, folder.resolve(FILE) + ": " + what);
    }
}
