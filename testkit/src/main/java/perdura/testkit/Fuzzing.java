package perdura.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Gives a reader damaged copies of sound files until the time is over. Each must end within some seconds of processor time, in a
 * result or in a fault that the reader is meant to have; the first one that does not is kept as a file and ends the test. What is
 * tried follows from the seed and its number alone.
 *
 * @param name of the reader, for messages
 * @param duration for how long; {@code -Dfuzz.seconds}, default 60
 * @param seed {@code -Dfuzz.seed}, default 1
 */
public record Fuzzing(String name, Duration duration, long seed) {
    private static final long MOST_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int MOST_BYTES = 1 << 22;
    private static final int MOST_CHANGES = 6;
    private static final int[] EDGES = {0, 1, 0x7F, 0x80, 0xFF, '"', '{', '[', '(', ',', '\n', '.'};

    public static Fuzzing of(String name) {
        return new Fuzzing(name, Duration.ofSeconds(Long.getLong("fuzz.seconds", 60)), Long.getLong("fuzz.seed", 1));
    }

    /** What is tried. */
    public interface Reader {
        void read(byte[] bytes) throws IOException;
    }

    /**
     * What a run came to.
     *
     * @param files that were tried
     * @param faults those that the reader refused
     */
    public record Tried(long files, long faults) {}

    /**
     * Tries.
     *
     * @param sound files that the reader takes
     * @param isFault what it may throw
     * @throws AssertionError at the first file that it answers with something else, or takes too long for
     */
    public Tried run(List<byte[]> sound, Reader reader, Predicate<Throwable> isFault) {
        for (byte[] file : sound) {
            try {
                reader.read(file);
            } catch (IOException e) {
                throw new UncheckedIOException(name + ": a sound file is refused", e);
            }
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long end = System.nanoTime() + duration.toNanos();
        long files = 0;
        long faults = 0;
        while (System.nanoTime() < end) {
            byte[] bytes = damaged(sound, new SplittableRandom(seed * 1_000_003 + files));
            long begin = threads.getCurrentThreadCpuTime();
            try {
                reader.read(bytes);
            } catch (IOException | RuntimeException | Error e) {
                if (!isFault.test(e)) {
                    throw new AssertionError(
                            name + ": file " + files + " of seed " + seed + ", kept as " + kept(bytes) + ", gives " + e,
                            e);
                }
                faults++;
            }
            long nanos = threads.getCurrentThreadCpuTime() - begin;
            if (nanos > MOST_NANOS) {
                throw new AssertionError(name + ": file " + files + " of seed " + seed + ", kept as " + kept(bytes)
                        + ", takes " + nanos / 1_000_000 + " ms");
            }
            files++;
        }
        System.out.printf(Locale.ROOT, "fuzz %s: %d files tried, %d faults, none open%n", name, files, faults);
        return new Tried(files, faults);
    }

    private static Path kept(byte[] bytes) {
        try {
            return Files.write(Files.createTempFile("perdura-fuzz-", ".bin"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] damaged(List<byte[]> sound, SplittableRandom random) {
        byte[] bytes = sound.get(random.nextInt(sound.size())).clone();
        int changes = 1 + random.nextInt(MOST_CHANGES);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            bytes = changed(bytes, sound.get(random.nextInt(sound.size())), random);
        }
        return bytes;
    }

    private static byte[] changed(byte[] bytes, byte[] other, SplittableRandom random) {
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(1 << random.nextInt(1, 12)));
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> bytes[at] = (byte) EDGES[random.nextInt(EDGES.length)];
            case 3 ->
                Arrays.fill(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), (byte)
                        (random.nextBoolean() ? 0xFF : 0));
            case 4 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 5 -> {
                return joined(bytes, at, new byte[0], 0, 0, at + length);
            }
            case 6 -> { // a part again and again
                byte[] grown = bytes;
                int times = 1 + random.nextInt(1 << random.nextInt(1, 10));
                for (int i = 0; i < times && grown.length < MOST_BYTES; i++) {
                    grown = joined(grown, at, bytes, at, length, at);
                }
                return grown;
            }
            default -> {
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                return joined(bytes, at, other, from, Math.min(length, other.length - from), at + length);
            }
        }
        return bytes;
    }

    /** The bytes before {@code at}, some of another file, and those from {@code rest} on. */
    private static byte[] joined(byte[] bytes, int at, byte[] other, int from, int length, int rest) {
        byte[] joined = new byte[at + length + bytes.length - rest];
        System.arraycopy(bytes, 0, joined, 0, at);
        System.arraycopy(other, from, joined, at, length);
        System.arraycopy(bytes, rest, joined, at + length, bytes.length - rest);
        return joined;
    }
}
