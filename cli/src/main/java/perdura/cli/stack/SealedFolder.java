package perdura.cli.stack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import perdura.datasets.file.AtomicFile;
import perdura.grids.spec.Sha256;

/**
 * A folder of programs whose files are what they were when it was made: a list of their SHA-256 lies in it, and is compared
 * before anything in it is run.
 */
record SealedFolder(Path folder) {
    private static final String LIST = "SHA256SUMS";

    /** Writes the list. */
    void seal() throws IOException {
        AtomicFile.write(folder.resolve(LIST), sums().getBytes(StandardCharsets.UTF_8));
    }

    /** Whether it is there, sealed, and every file is as it was: none changed, missing or new. */
    boolean isIntact() throws IOException {
        try {
            return Files.readString(folder.resolve(LIST)).equals(sums());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Whether it has a list. */
    boolean isSealed() {
        return Files.isRegularFile(folder.resolve(LIST), LinkOption.NOFOLLOW_LINKS);
    }

    private String sums() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !file.equals(folder.resolve(LIST)))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        }
        StringBuilder text = new StringBuilder();
        for (Path file : files) {
            text.append(digest(file))
                    .append("  ")
                    .append(folder.relativize(file))
                    .append('\n');
        }
        return text.toString();
    }

    private static String digest(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return "-> " + Files.readSymbolicLink(file);
        }
        MessageDigest digest = Sha256.start();
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
