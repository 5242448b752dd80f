package perdura.datasets.synth;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The open tables of a data set that is being written. */
final class TableFiles implements AutoCloseable {
    private final List<OutputStream> files = new ArrayList<>();

    TableFiles(Path folder, List<SetTable> tables) throws IOException {
        try {
            for (SetTable table : tables) {
                files.add(open(folder, table));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static OutputStream open(Path folder, SetTable table) throws IOException {
        Path file = folder.resolve(table.path());
        Files.createDirectories(file.getParent());
        OutputStream plain = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        OutputStream out = switch (table.packing()) {
            case PLAIN -> plain;
            case GZIP -> new StoredGzip(plain);
        };
        out.write(table.header().getBytes(StandardCharsets.UTF_8));
        return out;
    }

    /** @param rows for each table what is added to it, line ends included */
    void append(List<String> rows) throws IOException {
        for (int i = 0; i < rows.size(); i++) {
            files.get(i).write(rows.get(i).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Closes all of them, whatever happens to one. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (OutputStream file : files) {
            try {
                file.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
