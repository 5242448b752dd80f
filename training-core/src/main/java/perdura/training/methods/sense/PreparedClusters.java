package perdura.training.methods.sense;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.methods.sense.model.EpochClusters;
import perdura.training.torch.Torch;

/**
 * The clusters of an epoch's study features (sense.md 3b), as the epoch's preparation leaves them in a folder. The arrays are its own: not
 * to be changed.
 *
 * @param labels the cluster of each study that takes part, in the order of their rows [N]
 * @param width of a feature: D, or 2D where both modalities are kept apart
 * @param centroids unit vectors [K, width]
 * @param means the centroids before they were normalised [K, width]
 * @param phi temperature of each cluster [K]
 * @param objectives sum of the squared distances at each assignment
 * @param splits of empty clusters
 * @param spread mean norm of the features minus their mean: below 0.1 they all point one way
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PreparedClusters(
        int[] labels,
        int width,
        float[] centroids,
        float[] means,
        float[] phi,
        double[] objectives,
        long splits,
        double spread) {
    private static final String FILE = "clusters.safetensors";

    /** K. */
    int count() {
        return phi.length;
    }

    /** Studies of each cluster, ascending. */
    int[] sizes() {
        int[] sizes = new int[count()];
        for (int label : labels) {
            sizes[label]++;
        }
        Arrays.sort(sizes);
        return sizes;
    }

    /** Writes them into a folder. */
    void write(Path folder) throws IOException {
        SafetensorsWriter.write(
                folder.resolve(FILE),
                List.of(
                        StateNumbers.ofWhole("labels", whole(labels)),
                        Numbers.floats("centroids", centroids, count(), width),
                        Numbers.floats("means", means, count(), width),
                        Numbers.floats("phi", phi, count()),
                        StateNumbers.of("objectives", objectives),
                        StateNumbers.of("spread", spread),
                        StateNumbers.ofWhole("splits", splits)),
                DurableEffects.counting());
    }

    /**
     * Reads those of a folder.
     *
     * @param studies N
     * @throws PerduraException CHECKPOINT_DAMAGED if the file is not what {@link #write} makes for as many studies
     */
    static PreparedClusters read(Path folder, int studies) {
        Path file = folder.resolve(FILE);
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        try {
            SafetensorsReader.read(file).forEach(tensor -> tensors.put(tensor.name(), tensor));
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the clusters of an epoch can't be read", e);
        }
        int[] labels = Numbers.ints(find(file, tensors, "labels", ElementType.I64));
        HostTensor centroids = find(file, tensors, "centroids", ElementType.F32);
        float[] phi = Numbers.floats(find(file, tensors, "phi", ElementType.F32));
        if (centroids.shape().size() != 2 || centroids.shape().get(0) != phi.length) {
            throw damaged(file, "centroids", "must be [" + phi.length + ", width], was " + centroids.shape());
        }
        if (labels.length != studies) {
            throw damaged(file, "labels", "must have one for each of " + studies + " studies, were " + labels.length);
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= phi.length) {
                throw damaged(
                        file, "labels", "that of study " + i + " must be in [0, " + phi.length + "), was " + labels[i]);
            }
        }
        return new PreparedClusters(
                labels,
                Math.toIntExact(centroids.shape().get(1)),
                Numbers.floats(centroids),
                Numbers.floats(find(file, tensors, "means", ElementType.F32)),
                phi,
                Numbers.doubles(find(file, tensors, "objectives", ElementType.F64)),
                Numbers.ints(find(file, tensors, "splits", ElementType.I64))[0],
                Numbers.doubles(find(file, tensors, "spread", ElementType.F64))[0]);
    }

    private static HostTensor find(Path file, Map<String, HostTensor> tensors, String name, ElementType type) {
        HostTensor tensor = tensors.get(name);
        if (tensor == null || tensor.type() != type) {
            throw damaged(file, name, "must be " + type + ", was " + (tensor == null ? "missing" : tensor.type()));
        }
        return tensor;
    }

    private static PerduraException damaged(Path file, String name, String what) {
        return new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, file + ": tensor " + name + ": " + what);
    }

    /**
     * The same on a device.
     *
     * @param rows of the data set that take part, in the order of the labels
     * @param all rows of the data set
     */
    EpochClusters onDevice(Torch torch, int[] rows, int all) {
        int[] ofRow = new int[all];
        IntStream.range(0, rows.length).forEach(i -> ofRow[rows[i]] = labels[i]);
        return new EpochClusters(
                torch,
                StateNumbers.ofWhole("labels", whole(ofRow)),
                Numbers.floats("centroids", centroids, count(), width),
                Numbers.floats("phi", phi, count()));
    }

    private static long[] whole(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    /** Arrays as tensors in host memory, and back. */
    static final class Numbers {
        private Numbers() {}

        /** float32 of a shape. */
        static HostTensor floats(String name, float[] values, long... shape) {
            ByteBuffer data = allocate(values.length * Float.BYTES);
            data.asFloatBuffer().put(values);
            return new HostTensor(
                    name, ElementType.F32, Arrays.stream(shape).boxed().toList(), data);
        }

        private static ByteBuffer allocate(int bytes) {
            return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        /** Room for numbers, in native order. */
        static FloatBuffer allocateFloats(long numbers) {
            return ByteBuffer.allocateDirect(Math.toIntExact(Math.multiplyExact(numbers, Float.BYTES)))
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }

        static FloatBuffer floatsOf(HostTensor tensor) {
            return data(tensor).asFloatBuffer();
        }

        static int[] ints(HostTensor tensor) {
            ByteBuffer data = data(tensor);
            int[] values = new int[data.remaining() / Long.BYTES];
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.toIntExact(data.getLong(i * Long.BYTES));
            }
            return values;
        }

        static float[] floats(HostTensor tensor) {
            float[] values = new float[data(tensor).remaining() / Float.BYTES];
            data(tensor).asFloatBuffer().get(values);
            return values;
        }

        static double[] doubles(HostTensor tensor) {
            double[] values = new double[data(tensor).remaining() / Double.BYTES];
            data(tensor).asDoubleBuffer().get(values);
            return values;
        }

        private static ByteBuffer data(HostTensor tensor) {
            return tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
