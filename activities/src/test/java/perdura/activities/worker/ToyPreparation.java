package perdura.activities.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.DurableEffects;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;

/**
 * A preparation that needs no engine: a shard is a hash of the job's numbers, and the combined result that of all shards. Tells a
 * log in the artifact store when each begins, and halts its process where a test has left a mark there.
 */
final class ToyPreparation implements EpochPreparation {
    static final int SHARDS = 4;
    private static final String RESULT = "hash";

    @Override
    public int shards(long step) {
        return SHARDS;
    }

    @Override
    public void computeShard(TrainingJob job, long step, int shard, Path kept, Runnable alive) throws IOException {
        begin(root(kept), "shard " + shard + " at " + step);
        long hash = shard;
        for (long number : ((CountingJobs.CountingJob) job).numbers) {
            alive.run();
            hash = Seeds.hash64(hash, step, number);
        }
        write(kept, hash);
    }

    /** Shard by shard: how far it is lies in scratch. */
    @Override
    public void combine(Combination of, Path kept) throws IOException {
        Path done = of.scratch().resolve("done");
        long[] state = Files.exists(done)
                ? Arrays.stream(Files.readString(done).split(" "))
                        .mapToLong(Long::parseLong)
                        .toArray()
                : new long[2];
        for (int shard = (int) state[0]; shard < of.shards().size(); shard++) {
            begin(root(kept), "combination of " + shard + " at " + of.step());
            state[0] = shard + 1L;
            state[1] = Seeds.hash64(state[1], of.step(), read(of.shards().get(shard)));
            AtomicFile.write(done, (state[0] + " " + state[1]).getBytes(StandardCharsets.UTF_8));
        }
        write(kept, state[1]);
    }

    static long read(Path kept) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(kept.resolve(RESULT))).getLong();
    }

    private static void write(Path kept, long hash) throws IOException {
        Files.write(
                kept.resolve(RESULT),
                ByteBuffer.allocate(Long.BYTES).putLong(0, hash).array());
    }

    /** The artifact store: a part is written in {@code <root>/<run>/epochs/<epoch>/<part>}. */
    static Path root(Path kept) {
        return kept.resolve("../../../..").normalize();
    }

    /** Logs what begins, and halts this process if a test wants it. */
    static void begin(Path root, String what) {
        try {
            Files.writeString(log(root), what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if (Files.deleteIfExists(mark(root, what))) {
                Runtime.getRuntime().halt(DurableEffects.HALTED);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has the process halt that begins this next. */
    static void killAt(Path root, String what) throws IOException {
        Files.createFile(mark(root, what));
    }

    /** What has begun since this was last asked, sorted. */
    static List<String> takeBegun(Path root) throws IOException {
        String[] lines = Files.readString(log(root)).split("\n");
        Files.delete(log(root));
        Arrays.sort(lines);
        return List.of(lines);
    }

    private static Path mark(Path root, String what) {
        return root.resolve(what.replace(' ', '-'));
    }

    private static Path log(Path root) {
        return root.resolve("begun.log");
    }
}
