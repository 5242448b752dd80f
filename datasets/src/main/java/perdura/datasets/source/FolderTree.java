package perdura.datasets.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.source.SourceTree.FileStamp;

/** Files below a folder. */
final class FolderTree implements SourceTree {
    private final Path root;

    FolderTree(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public boolean contains(String path) {
        return Files.isRegularFile(root.resolve(path));
    }

    @Override
    public byte[] read(String path) throws IOException {
        Path file = root.resolve(path);
        long size = Files.size(file);
        if (size > MOST_FILE_BYTES) {
            throw new IOException("it has " + size + " bytes, at most " + MOST_FILE_BYTES + " are read");
        }
        return Files.readAllBytes(file);
    }

    @Override
    public InputStream stream(String path) throws IOException {
        return Files.newInputStream(root.resolve(path));
    }

    @Override
    public FileStamp stamp(String path) throws IOException {
        return FileStamp.of(root.resolve(path));
    }

    @Override
    public void visit(String folder, Consumer<String> paths) throws IOException {
        Path start = root.resolve(folder);
        if (!Files.isDirectory(start)) {
            return;
        }
        try (Stream<Path> files = Files.walk(start)) {
            files.filter(Files::isRegularFile)
                    .forEach(file ->
                            paths.accept(root.relativize(file).toString().replace('\\', '/')));
        }
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

    @Override
    public List<DataFault> faults() {
        return List.of();
    }

    @Override
    public void close() {
        // nothing is held
    }
}
