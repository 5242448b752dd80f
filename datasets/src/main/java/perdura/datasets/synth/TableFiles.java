package perdura.datasets.synth;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.CRC32;

/** The open tables of a data set that is being written. */
final class TableFiles implements AutoCloseable {
    private final List<OutputStream> files = new ArrayList<>();

    TableFiles(Path folder, List<SetLayout.Table> tables) throws IOException {
        try {
            for (SetLayout.Table table : tables) {
                files.add(open(folder, table));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static OutputStream open(Path folder, SetLayout.Table table) throws IOException {
        Path file = folder.resolve(table.path());
        Files.createDirectories(file.getParent());
        OutputStream plain = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        OutputStream out = table.path().endsWith(".gz") ? new StoredGzip(plain) : plain;
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
        close(files.iterator());
    }

    private static void close(Iterator<OutputStream> files) throws IOException {
        if (files.hasNext()) {
            try {
                files.next().close();
            } finally {
                close(files);
            }
        }
    }

    /**
     * A gzip file whose blocks are stored, not compressed (RFC 1951, 3.2.4; RFC 1952): every gzip reader opens it, and its
     * bytes don't depend on the machine's version of zlib.
     */
    static final class StoredGzip extends OutputStream {
        private static final int BLOCK = 65535;

        private final OutputStream out;
        private final CRC32 crc = new CRC32();
        private final byte[] block = new byte[BLOCK];
        private int filled;
        private long length;
        private boolean closed;

        /** @param out closed with this stream */
        StoredGzip(OutputStream out) throws IOException {
            this.out = out;
            out.write(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255}); // no time, unknown system
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            crc.update(bytes, offset, count);
            length += count;
            int from = offset;
            int left = count;
            while (left > 0) {
                if (filled == BLOCK) {
                    writeBlock(0);
                }
                int taken = Math.min(left, BLOCK - filled);
                System.arraycopy(bytes, from, block, filled, taken);
                filled += taken;
                from += taken;
                left -= taken;
            }
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try (out) {
                writeBlock(1);
                writeLittleEndian(crc.getValue(), 4);
                writeLittleEndian(length, 4);
            }
        }

        private void writeBlock(int last) throws IOException {
            out.write(last);
            writeLittleEndian(filled, 2);
            writeLittleEndian(~filled, 2);
            out.write(block, 0, filled);
            filled = 0;
        }

        private void writeLittleEndian(long value, int bytes) throws IOException {
            for (int i = 0; i < bytes; i++) {
                out.write((int) (value >>> (8 * i)));
            }
        }
    }
}
