package perdura.grids.input;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import perdura.grids.spec.ReadLimit;

/** A stream that ends with {@link RegularFile.TooLargeException} where it gives more bytes than a limit. */
public final class BoundedStream extends FilterInputStream {
    private final ReadLimit limit;
    private final long most;
    private long given;

    public BoundedStream(InputStream in, ReadLimit limit) {
        super(in);
        this.limit = limit;
        this.most = limit.most();
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        count(read < 0 ? 0 : 1);
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        count(read);
        return read;
    }

    @Override
    public long skip(long wanted) throws IOException {
        long skipped = super.skip(wanted);
        count(skipped);
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(long bytes) throws IOException {
        given += Math.max(0, bytes);
        if (given > most) {
            throw new RegularFile.TooLargeException(limit);
        }
    }
}
