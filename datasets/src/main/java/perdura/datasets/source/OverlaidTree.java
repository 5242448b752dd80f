package perdura.datasets.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.source.SourceTree.FileStamp;

/** One tree laid over another: what the upper one lacks is taken from the lower one. */
public final class OverlaidTree implements SourceTree {
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
    public byte[] read(String path) throws IOException {
        return holder(path).read(path);
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
        return Stream.concat(upper.faults().stream(), lower.faults().stream()).toList();
    }

    @Override
    public void close() {
        upper.close();
        lower.close();
    }
}
