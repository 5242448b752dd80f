package perdura.training.methods.sense.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import perdura.datasets.file.AtomicFile;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.FileDigest;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.methods.sense.cluster.KMeans.Round;
import perdura.training.methods.sense.cluster.KMeans.Split;

/**
 * The newest round of a clustering, in a folder of its own: a file {@code round-<number>-<sha256>} that is written beside its place, synced and
 * renamed. One that is damaged, or of other sizes, does not count.
 */
public final class RoundFile {
    private static final String PREFIX = "round-";

    private final Path folder;
    private final int clusters;
    private final int points;
    private final int width;

    public RoundFile(Path folder, int clusters, int points, int width) {
        this.folder = folder;
        this.clusters = clusters;
        this.points = points;
        this.width = width;
    }

    /** Keeps a round in place of earlier ones. */
    public void keep(Round round) {
        try {
            List<Path> old = files();
            Path beside = folder.resolve(".new-" + System.nanoTime());
            FileDigest digest = SafetensorsWriter.write(beside, tensors(round), DurableEffects.counting());
            Path kept = folder.resolve(PREFIX + "%06d-".formatted(round.updates()) + digest.sha256());
            AtomicFile.replace(beside, kept);
            AtomicFile.syncFolder(folder);
            for (Path file : old) {
                if (!file.equals(kept)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": a round of K-means can't be kept", e);
        }
    }

    /** The newest round that is there and whole. */
    public Optional<Round> find() {
        try {
            for (Path file : files()) {
                Optional<Round> round = read(file);
                if (round.isPresent()) {
                    return round;
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the rounds of K-means can't be read", e);
        }
    }

    /** The newest first. */
    private List<Path> files() throws IOException {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(file -> String.valueOf(file.getFileName()).startsWith(PREFIX))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    private static List<HostTensor> tensors(Round round) {
        ByteBuffer labels = bytes(Long.BYTES * round.labels().length);
        for (int label : round.labels()) {
            labels.putLong(label);
        }
        ByteBuffer centroids = bytes(Float.BYTES * round.centroids().length);
        centroids.asFloatBuffer().put(round.centroids());
        ByteBuffer objectives = bytes(Double.BYTES * round.objectives().size());
        round.objectives().forEach(objectives::putDouble);
        ByteBuffer splits = bytes(3 * Long.BYTES * round.splits().size());
        round.splits()
                .forEach(split ->
                        splits.putLong(split.update()).putLong(split.empty()).putLong(split.donor()));
        return List.of(
                new HostTensor("labels", ElementType.I64, List.of((long) round.labels().length), labels.flip()),
                new HostTensor("centroids", ElementType.F32, List.of((long) round.centroids().length), centroids),
                new HostTensor(
                        "objectives",
                        ElementType.F64,
                        List.of((long) round.objectives().size()),
                        objectives.flip()),
                new HostTensor(
                        "splits", ElementType.I64, List.of((long) round.splits().size(), 3L), splits.flip()));
    }

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Optional<Round> read(Path file) throws IOException {
        List<HostTensor> tensors;
        try {
            if (!file.toString().endsWith("-" + FileDigest.of(file).sha256())) {
                return Optional.empty();
            }
            tensors = SafetensorsReader.read(file);
        } catch (PerduraException e) {
            return Optional.empty();
        }
        List<ByteBuffer> data = tensors.stream()
                .map(tensor -> tensor.data().order(ByteOrder.LITTLE_ENDIAN))
                .toList();
        if (data.get(0).limit() != Long.BYTES * points || data.get(1).limit() != Float.BYTES * clusters * width) {
            return Optional.empty();
        }
        int[] labels = new int[points];
        for (int i = 0; i < points; i++) {
            labels[i] = (int) data.get(0).getLong(Long.BYTES * i);
        }
        float[] centroids = new float[clusters * width];
        data.get(1).asFloatBuffer().get(centroids);
        List<Double> objectives = new ArrayList<>();
        while (data.get(2).hasRemaining()) {
            objectives.add(data.get(2).getDouble());
        }
        List<Split> splits = new ArrayList<>();
        while (data.get(3).hasRemaining()) {
            splits.add(new Split(number(data.get(3)), number(data.get(3)), number(data.get(3))));
        }
        return Optional.of(new Round(labels, centroids, objectives, splits));
    }

    private static int number(ByteBuffer data) {
        return (int) data.getLong();
    }
}
