package perdura.grids.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import perdura.grids.spec.ReadLimit;

/**
 * Opens files that somebody else made, or links to them: regular ones alone. Opening a pipe waits for a writer that may
 * never come, and a device has no end.
 */
public final class RegularFile {
    private static final int TYPE_BITS = 0xF000;

    private RegularFile() {}

    /** What can't be opened as a file. */
    public static final class NotRegularException extends FileSystemException {
        private static final long serialVersionUID = 1L;

        NotRegularException(Path path, String kind) {
            super(path.toString(), null, "is " + kind + "; only regular files are read");
        }

        /** Without the path. */
        @Override
        public String getMessage() {
            return String.valueOf(getReason());
        }
    }

    /**
     * What is there.
     *
     * @throws NotRegularException if it is no regular file and no link to one
     */
    public static BasicFileAttributes require(Path path) throws IOException {
        BasicFileAttributes attributes = attributes(path);
        if (!attributes.isRegularFile()) {
            throw new NotRegularException(path, kind(path, attributes));
        }
        return attributes;
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw e;
        } catch (FileSystemException e) {
            if (Files.isSymbolicLink(path)) {
                throw new NotRegularException(path, "a symbolic link that can't be followed (" + e.getReason() + ")");
            }
            throw e;
        }
    }

    /** What something is that is no regular file, for messages: behind "is". */
    public static String kind(Path path, BasicFileAttributes attributes) {
        if (attributes.isDirectory()) {
            return "a folder";
        }
        try {
            return path.getFileSystem().supportedFileAttributeViews().contains("unix")
                    ? kind((int) Files.getAttribute(path, "unix:mode"))
                    : kind(0);
        } catch (IOException e) {
            return kind(0);
        }
    }

    private static String kind(int mode) {
        return switch (mode & TYPE_BITS) {
            case 0x1000 -> "a named pipe";
            case 0x2000, 0x6000 -> "a device";
            case 0xC000 -> "a socket";
            default -> "a pipe, a device or a socket";
        };
    }

    /** @throws NotRegularException as {@link #require} */
    public static InputStream stream(Path path) throws IOException {
        require(path);
        return Files.newInputStream(path);
    }

    /** @throws NotRegularException as {@link #require} */
    public static FileChannel channel(Path path) throws IOException {
        require(path);
        return FileChannel.open(path, Set.of(StandardOpenOption.READ));
    }

    /**
     * All bytes of a file.
     *
     * @throws NotRegularException as {@link #require}
     * @throws TooLargeException if it has more than the limit
     */
    public static byte[] read(Path path, ReadLimit limit) throws IOException {
        try (InputStream in = stream(path)) {
            return readAll(in, limit);
        }
    }

    /**
     * All bytes of a stream, however many it says that it has.
     *
     * @throws TooLargeException if it has more than the limit
     */
    public static byte[] readAll(InputStream in, ReadLimit limit) throws IOException {
        int most = limit.mostInt();
        byte[] bytes = in.readNBytes(most);
        if (bytes.length == most && in.read() >= 0) {
            throw new TooLargeException(limit);
        }
        return bytes;
    }

    /** What went wrong, for messages that name the file themselves: no name of a class, if there are words for it. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof CharacterCodingException) {
            return "it is not text in UTF-8";
        }
        String message = e instanceof NotRegularException || !(e instanceof FileSystemException file)
                ? e.getMessage()
                : file.getReason();
        return message == null || message.isEmpty() ? e.getClass().getSimpleName() : message;
    }

    /** Something has more than the limit of what is read. */
    public static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        public TooLargeException(ReadLimit limit) {
            super("it is too large: " + limit.told());
        }

        /** @param size what it has */
        public TooLargeException(long size, ReadLimit limit) {
            super("it has " + size + ": " + limit.told());
        }
    }
}
