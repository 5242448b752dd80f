package perdura.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What may have become of a file that somebody has edited, replaced or lost. */
public enum FileDamage {
    MISSING,
    EMPTY,
    TRUNCATED,
    /** One byte in the middle is another. */
    FLIPPED,
    /** As long as before, all bytes 0. */
    ZEROS,
    TEXT,
    NULL_JSON,
    LIST_JSON,
    NO_FIELDS,
    DEEP_JSON,
    /** A line of 40 MB. */
    LONG_LINE,
    /** 64 GiB that take no room. */
    SPARSE,
    PIPE,
    FOLDER,
    LINK_LOOP,
    DANGLING_LINK,
    /** A link to a device without an end. */
    DEVICE;

    private static final long SPARSE_BYTES = 64L << 30;

    /** Puts it in the place of a sound file. */
    public void apply(Path file) throws IOException, InterruptedException {
        byte[] sound = Files.readAllBytes(file);
        Files.delete(file);
        switch (this) {
            case MISSING -> {}
            case EMPTY -> Files.createFile(file);
            case TRUNCATED -> Files.write(file, Arrays.copyOf(sound, sound.length * 2 / 3));
            case FLIPPED -> {
                sound[sound.length / 2] ^= (byte) 0x80;
                Files.write(file, sound);
            }
            case ZEROS -> Files.write(file, new byte[sound.length]);
            case TEXT -> Files.writeString(file, "\u001b[31mno\u0000 file of ours\n");
            case NULL_JSON -> Files.writeString(file, "null\n");
            case LIST_JSON -> Files.writeString(file, "[1, {}]\n");
            case NO_FIELDS -> Files.writeString(file, "{}\n");
            case DEEP_JSON -> Files.writeString(file, "{\"format\": " + "[".repeat(1_000_000));
            case LONG_LINE -> {
                byte[] line = new byte[40 << 20];
                Arrays.fill(line, (byte) ' ');
                System.arraycopy("{\"format\":1,".getBytes(StandardCharsets.UTF_8), 0, line, 0, 12);
                Files.write(file, line);
            }
            case SPARSE -> {
                try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                    sparse.setLength(SPARSE_BYTES);
                }
            }
            case PIPE -> {
                Process made = new ProcessBuilder("mkfifo", file.toString()).start();
                if (made.waitFor() != 0) {
                    throw new IOException("mkfifo failed for " + file);
                }
            }
            case FOLDER -> Files.createDirectory(file);
            case LINK_LOOP -> Files.createSymbolicLink(file, file);
            case DANGLING_LINK -> Files.createSymbolicLink(file, file.resolveSibling("nowhere"));
            case DEVICE -> Files.createSymbolicLink(file, Path.of("/dev/zero"));
        }
    }
}
