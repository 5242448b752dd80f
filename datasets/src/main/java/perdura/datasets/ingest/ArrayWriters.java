package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import perdura.datasets.array.NpyType;
import perdura.datasets.array.NpyWriter;

/** The arrays of one data set while they are written, by name. */
final class ArrayWriters implements AutoCloseable {
    private final Path folder;
    private final Map<String, NpyWriter> writers = new LinkedHashMap<>();

    ArrayWriters(Path folder) {
        this.folder = folder;
    }

    void open(String name, NpyType type, long... shape) throws IOException {
        writers.put(name, NpyWriter.create(folder.resolve(name + ".npy"), type, shape));
    }

    NpyWriter get(String name) {
        return Objects.requireNonNull(writers.get(name), name);
    }

    /** Brings all to the disk; what they hold, by file name. */
    Map<String, NpyWriter.NpyInfo> finish() throws IOException {
        Map<String, NpyWriter.NpyInfo> infos = new LinkedHashMap<>();
        for (Map.Entry<String, NpyWriter> writer : writers.entrySet()) {
            infos.put(writer.getKey() + ".npy", writer.getValue().finish());
        }
        return infos;
    }

    @Override
    public void close() throws IOException {
        for (NpyWriter writer : writers.values()) {
            writer.close();
        }
    }
}
