package perdura.training.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import perdura.grids.spec.DurableEffects;

/**
 * SHA-256 of the image files of a data set, so that a later reading need not open those whose size and time are the same.
 * Kept as a file: a line for the format, one for each image (digest, bytes, time of change in nanoseconds, name), and one
 * with the digest of all before it. Thread-safe.
 */
public final class ImageDigests {
    private static final String FORMAT = "perdura.images/1\n";
    private static final int DIGEST_DIGITS = 64;

    private final Map<String, Entry> known;
    private final Map<String, Entry> found = new ConcurrentHashMap<>();

    private ImageDigests(Map<String, Entry> known) {
        this.known = known;
    }

    /** Knows no image: every one is read. */
    public static ImageDigests none() {
        return new ImageDigests(Map.of());
    }

    /** Where the images of a data set are kept in an artifact store. */
    public static Path file(Path artifactRoot, String dataDigest) {
        return artifactRoot.resolve(".data").resolve(dataDigest + ".images");
    }

    /** What an earlier reading has kept; nothing if the file is missing or damaged, since all images can be read again. */
    public static ImageDigests read(Path file) throws IOException {
        try {
            return new ImageDigests(parse(Files.readString(file)));
        } catch (NoSuchFileException | CharacterCodingException e) {
            return none();
        }
    }

    private static Map<String, Entry> parse(String text) {
        int end = text.length() - DIGEST_DIGITS;
        if (end < 0
                || !text.startsWith(FORMAT)
                || !Sha256Text.of(text.substring(0, end)).equals(text.substring(end))) {
            return Map.of();
        }
        Map<String, Entry> entries = new HashMap<>();
        text.substring(FORMAT.length(), end).lines().forEach(line -> {
            List<String> words = List.of(line.split(" ", 4));
            FileStamp stamp = new FileStamp(Long.parseLong(words.get(1)), Long.parseLong(words.get(2)));
            entries.put(words.get(3), new Entry(words.get(0), stamp));
        });
        return entries;
    }

    Optional<String> find(String name, FileStamp stamp) {
        return Optional.ofNullable(known.get(name))
                .filter(entry -> entry.stamp.equals(stamp))
                .map(Entry::sha256);
    }

    void add(String name, FileStamp stamp, String sha256) {
        found.put(name, new Entry(sha256, stamp));
    }

    /** Keeps the images that were read now. The file appears as a whole or not at all. */
    public void write(Path file, DurableEffects effects) throws IOException {
        StringBuilder text = new StringBuilder(FORMAT);
        new TreeMap<>(found)
                .forEach((name, entry) -> text.append(entry.sha256)
                        .append(' ')
                        .append(entry.stamp.sizeBytes())
                        .append(' ')
                        .append(entry.stamp.modifiedNanos())
                        .append(' ')
                        .append(name)
                        .append('\n'));
        text.append(Sha256Text.of(text.toString()));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path beside = file.resolveSibling(".writing-" + UUID.randomUUID());
        try {
            effects.before();
            try (FileChannel channel =
                    FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            effects.after();
            effects.before();
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            effects.after();
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private record Entry(String sha256, FileStamp stamp) {}
}
