package perdura.datasets.ingest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import perdura.datasets.source.FaultList.DataFault;

/** Writes faults to a file as they are found, a line of JSON each, so that all can be had however many they are. */
public final class FaultFile implements Consumer<DataFault>, AutoCloseable {
    /** Its name in the folder of a data set, of a plan and of a part. */
    public static final String NAME = "faults.jsonl";

    private final OutputStream out;

    /** @throws IOException if the file can't be written */
    public FaultFile(Path file) throws IOException {
        this.out = new BufferedOutputStream(Files.newOutputStream(file));
    }

    @Override
    public void accept(DataFault fault) {
        try {
            IngestJson.writeLine(out, IngestJson.bytes(fault));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /**
     * Reads the faults of a file.
     *
     * @param work is given them in their order, one in memory at a time
     */
    public static void read(Path file, Consumer<Stream<DataFault>> work) throws IOException {
        try (Stream<String> lines = IngestJson.lines(file)) {
            work.accept(lines.map(line -> IngestJson.parse(file, line, DataFault.class)));
        }
    }
}
