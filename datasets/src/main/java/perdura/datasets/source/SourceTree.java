package perdura.datasets.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import perdura.datasets.source.FaultList.DataFault;
import perdura.grids.input.RegularFile;
import perdura.grids.input.RegularFile.TooLargeException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/**
 * The files of a data set, below one folder or inside one zip file. Paths are relative, with slashes, never with
 * {@code ..}. Thread-safe.
 */
public interface SourceTree extends AutoCloseable {
    /**
     * Opens a data set.
     *
     * @param root a folder, or a zip file
     * @throws PerduraException INVALID_DATA if it is neither
     */
    static SourceTree open(Path root) {
        if (Files.isDirectory(root)) {
            return new FolderTree(root);
        }
        if (!Files.exists(root)) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA, root + ": no such folder; it must hold the data set as its owner ships it");
        }
        return ZipTree.open(root);
    }

    /** Whether there is a file of that path. */
    boolean contains(String path);

    /**
     * All bytes of a file.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws IOException if it can't be read, is no regular file, or has more than the limit
     */
    default byte[] read(String path, ReadLimit limit) throws IOException {
        long size = stamp(path).sizeBytes();
        if (size > limit.most()) {
            throw new TooLargeException(size, limit);
        }
        try (InputStream in = stream(path)) {
            return RegularFile.readAll(in, limit); // an entry of a zip file may tell another size
        }
    }

    /**
     * A file as a stream: for tables, which may be large.
     *
     * @throws IOException also while it is read, if it is not what its zip file's checksum says
     */
    InputStream stream(String path) throws IOException;

    /** What a later reading would find changed if the file has changed. */
    FileStamp stamp(String path) throws IOException;

    /**
     * Visits the files below a folder, in no particular order.
     *
     * @param folder empty for all
     */
    void visit(String folder, Consumer<String> paths) throws IOException;

    /** A file's name for people: where it lies. */
    String describe(String path);

    /** What was found wrong with the tree itself, for instance entries of a zip file that would leave its folder. */
    default List<DataFault> faults() {
        return List.of();
    }

    @Override
    default void close() {}

    /**
     * The part of the tree that holds one of these files at its top: the tree's own top, or one of the folders in it.
     *
     * @param markers names of files by which the set is known
     * @return the path of that folder with a slash at its end, or empty for the tree's top; nothing if there is none
     */
    default Optional<String> locate(List<String> markers) throws IOException {
        if (markers.stream().anyMatch(this::contains)) {
            return Optional.of("");
        }
        return folders().stream()
                .map(folder -> folder + "/")
                .filter(top -> markers.stream().anyMatch(marker -> contains(top + marker)))
                .findFirst();
    }

    /** The folders at the top of the tree, sorted. */
    List<String> folders() throws IOException;

    /**
     * By what a file is taken for unchanged.
     *
     * @param version time of the last change in nanoseconds, or the checksum of a zip entry
     */
    record FileStamp(long sizeBytes, long version) {}

    /** Files below a folder. */
    final class FolderTree implements SourceTree {

        private final Path root;
        /** What was found that is no file of a data set, by its path. */
        private final Map<String, String> strangers = new ConcurrentSkipListMap<>();

        FolderTree(Path root) {
            this.root = root.toAbsolutePath().normalize();
        }

        @Override
        public boolean contains(String path) {
            return Files.isRegularFile(root.resolve(path));
        }

        @Override
        public InputStream stream(String path) throws IOException {
            return RegularFile.stream(root.resolve(path));
        }

        @Override
        public FileStamp stamp(String path) throws IOException {
            BasicFileAttributes attributes = RegularFile.require(root.resolve(path));
            return new FileStamp(
                    attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
        }

        @Override
        public void visit(String folder, Consumer<String> paths) throws IOException {
            Path named = root.resolve(folder);
            if (!Files.isDirectory(named)) {
                return;
            }
            Path start = named.toRealPath(); // that folder itself may be a link
            long[] left = {ReadLimit.FOLDER_FILES.most()};
            Files.walkFileTree(start, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (left[0]-- == 0) {
                        throw new TooLargeException(ReadLimit.FOLDER_FILES);
                    }
                    Path path = named.resolve(start.relativize(file));
                    if (Files.isRegularFile(file)) {
                        paths.accept(root.relativize(path).toString().replace('\\', '/'));
                    } else {
                        addStranger(path);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    strangers.put(
                            named.resolve(start.relativize(file)).toString(),
                            "can't be read (" + e.getClass().getSimpleName() + ")");
                    return FileVisitResult.CONTINUE;
                }
            });
        }

        private void addStranger(Path path) {
            String fault;
            try {
                BasicFileAttributes there = Files.readAttributes(path, BasicFileAttributes.class);
                fault = there.isDirectory()
                        ? "is a link to a folder, which is not followed; put the folder itself here, or name it in the command"
                        : "is " + RegularFile.kind(path, there) + "; only regular files are read";
            } catch (IOException e) {
                fault = "is a link that leads nowhere";
            }
            strangers.put(path.toString(), fault);
        }

        @Override
        public List<DataFault> faults() {
            return strangers.entrySet().stream()
                    .map(entry -> new DataFault(entry.getKey(), entry.getValue()))
                    .toList();
        }

        @Override
        public List<String> folders() throws IOException {
            try (Stream<Path> entries = Files.list(root)) {
                return entries.filter(Files::isDirectory)
                        .map(folder -> folder.getFileName().toString())
                        .sorted()
                        .toList();
            }
        }

        @Override
        public String describe(String path) {
            return root.resolve(path).toString();
        }
    }

    /** One tree laid over another: what the upper one lacks is taken from the lower one. */
    public static final class OverlaidTree implements SourceTree {
        private final SourceTree upper;
        private final SourceTree lower;

        /** Owns both. */
        public OverlaidTree(SourceTree upper, SourceTree lower) {
            this.upper = upper;
            this.lower = lower;
        }

        private SourceTree holder(String path) {
            return !upper.contains(path) && lower.contains(path) ? lower : upper;
        }

        @Override
        public boolean contains(String path) {
            return upper.contains(path) || lower.contains(path);
        }

        @Override
        public InputStream stream(String path) throws IOException {
            return holder(path).stream(path);
        }

        @Override
        public FileStamp stamp(String path) throws IOException {
            return holder(path).stamp(path);
        }

        @Override
        public void visit(String folder, Consumer<String> paths) throws IOException {
            upper.visit(folder, paths);
            lower.visit(folder, path -> {
                if (!upper.contains(path)) {
                    paths.accept(path);
                }
            });
        }

        @Override
        public List<String> folders() throws IOException {
            return Stream.concat(upper.folders().stream(), lower.folders().stream())
                    .distinct()
                    .sorted()
                    .toList();
        }

        @Override
        public String describe(String path) {
            return holder(path).describe(path);
        }

        @Override
        public List<DataFault> faults() {
            return Stream.concat(upper.faults().stream(), lower.faults().stream())
                    .toList();
        }

        @Override
        public void close() {
            upper.close();
            lower.close();
        }
    }
}
