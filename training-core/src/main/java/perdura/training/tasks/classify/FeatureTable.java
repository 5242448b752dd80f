package perdura.training.tasks.classify;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import perdura.datasets.array.NpyFile;
import perdura.datasets.array.NpyWriter;
import perdura.datasets.array.NpyWriter.NpyType;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.data.Normalization;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.training.checkpoint.DurableFiles;
import perdura.training.checkpoint.FileDigest;

/**
 * The features of all images of a data set in their evaluation view, computed once for everybody who asks the same: a folder
 * {@code <artifactRoot>/features/<key>} with {@code features.npy}, [rows, features], and its digest. Batches are always the
 * same ones, so a row doesn't depend on who asked first.
 *
 * @param environment engine, kind of device and threads: what else decides the bits
 * @param scale of as many planes as the encoder takes
 */
record FeatureTable(
        Path artifactRoot,
        DataSet data,
        FrozenEncoder encoder,
        Normalization scale,
        List<String> environment,
        DurableEffects effects) {
    /** Raised when the same key would give other numbers. */
    private static final int FORMAT = 1;

    /** Images in one pass. A part of the key: a convolution's last bits may depend on it. */
    private static final int BATCH = 64;

    private static final String FILE = "features.npy";
    private static final String DIGEST = "features.sha256";

    private Path root() {
        return artifactRoot.toAbsolutePath().resolve("features");
    }

    private String key() {
        return CanonicalJson.sha256(Map.of(
                "format",
                FORMAT,
                "batch",
                BATCH,
                "data",
                data.header().digest(),
                "encoder",
                encoder.digest(),
                "scale",
                scale.constants(),
                "environment",
                environment));
    }

    /**
     * Maps the table; computes it first if it is not there or damaged. Another process that wants it meanwhile waits.
     *
     * @param threads workers that make batches ahead
     * @param done told the number of rows that are encoded; not called if the table is there
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written; nothing is left then
     */
    NpyFile open(int threads, LongConsumer done) {
        Path root = root();
        String key = key();
        Path folder = root.resolve(key);
        try {
            PrivateFiles.createDirectories(root);
            try (FileChannel channel = FileChannel.open(
                            root.resolve(key + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !isWhole(folder)) {
                    compute(root, key, threads, done);
                }
            }
            return NpyFile.map(folder.resolve(FILE));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    folder + ": can't keep features (" + e + "); free space or make the folder writable",
                    e);
        }
    }

    private static boolean isWhole(Path folder) throws IOException {
        try {
            String expected = new String(
                    RegularFile.read(folder.resolve(DIGEST), ReadLimit.STORE_FILE_BYTES), StandardCharsets.UTF_8);
            return FileDigest.of(folder.resolve(FILE)).sha256().equals(expected);
        } catch (NoSuchFileException | RegularFile.NotRegularException | RegularFile.TooLargeException e) {
            return false;
        }
    }

    private void compute(Path root, String key, int threads, LongConsumer done) throws IOException {
        Path folder = root.resolve(key);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(root, key + ".writing-*")) {
            for (Path killed : left) {
                DurableFiles.deleteFolder(killed, effects);
            }
        }
        DurableFiles.deleteFolder(folder, effects);
        Path writing = root.resolve(key + ".writing-" + ProcessHandle.current().pid());
        PrivateFiles.createDirectory(writing);
        try {
            String digest = write(writing.resolve(FILE), threads, done);
            DurableFiles.write(writing.resolve(DIGEST), digest.getBytes(StandardCharsets.UTF_8), effects);
            DurableFiles.syncFolder(writing, effects);
            DurableFiles.rename(writing, folder, effects);
            DurableFiles.syncFolder(root, effects);
        } finally {
            DurableFiles.deleteFolder(writing, effects);
        }
    }

    private String write(Path file, int threads, LongConsumer done) throws IOException {
        int rows = Math.toIntExact(data.size());
        int side = data.header().imageSize();
        ImageBatchConfig config = new ImageBatchConfig(0, BATCH, ImageBatchConfig.View.EVALUATE, scale, threads);
        effects.before();
        try (ImageBatches batches =
                        new ImageBatches(data, IntStream.range(0, rows).toArray(), config);
                NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, rows, encoder.features())) {
            long written = 0;
            for (long index = 0; index < batches.batchesPerEpoch(); index++) {
                ImageBatch batch = batches.batch(0, index);
                FloatBuffer features = encoder.features(batch.images(), batch.size(), scale.planes(), side, side);
                while (features.hasRemaining()) {
                    writer.putFloat(features.get());
                }
                written += batch.size();
                done.accept(written);
            }
            String digest = writer.finish().sha256();
            effects.after();
            return digest;
        }
    }
}
