package perdura.datasets.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;
import perdura.grids.input.BoundedStream;
import perdura.grids.input.RegularFile;
import perdura.grids.input.RegularFile.TooLargeException;
import perdura.grids.spec.ReadLimit;

/**
 * Reads the named columns of a CSV file with a header row, plain or gzip by its name. Other columns are free; blanks
 * around the names of columns are no part of them.
 */
public final class CsvTable {
    private final SourceTree tree;
    private final String file;
    private final List<String> columns;
    private final FaultList faults;
    private final Consumer<List<String>> broken;
    private final int mostColumns = ReadLimit.TABLE_COLUMNS.mostInt();
    /** Where the row that is being read begins. */
    private long line;

    private CsvTable(
            SourceTree tree, String file, List<String> columns, FaultList faults, Consumer<List<String>> broken) {
        this.tree = tree;
        this.file = file;
        this.columns = columns;
        this.faults = faults;
        this.broken = broken;
    }

    /**
     * One row.
     *
     * @param file for people
     * @param line the line it begins on, from 1
     * @param values one value for each asked column, in the order asked
     */
    public record Row(String file, long line, List<String> values) {
        public String value(int column) {
            return values.get(column);
        }

        /** The row for people. */
        public String place() {
            return file + ":" + line;
        }
    }

    /** Whether there is a table of that path, plain or with {@code .gz} at its end. */
    public static boolean exists(SourceTree tree, String path) {
        return tree.contains(path) || tree.contains(path + ".gz");
    }

    /**
     * Reads {@code path.gz}, or else {@code path}. What can't be read becomes a fault, and good rows before it are still
     * given. Holds one row at a time; a table over a limit ({@code TABLE_}) is read up to it.
     *
     * @param path of the plain file
     * @param broken given the first values of each row that has too few or too many, after its fault
     * @return whether the file was read to its end; single rows may still have had faults
     */
    public static boolean read(
            SourceTree tree,
            String path,
            List<String> columns,
            FaultList faults,
            Consumer<Row> rows,
            Consumer<List<String>> broken) {
        String zipped = path + ".gz";
        if (!exists(tree, path)) {
            faults.add(tree.describe(path), "no such file; it (or " + zipped + ") must come with the data set");
            return false;
        }
        String file = tree.contains(zipped) ? zipped : path;
        return new CsvTable(tree, file, columns, faults, broken).readRows(rows);
    }

    private boolean readRows(Consumer<Row> rows) {
        try (InputStream raw = tree.stream(file);
                InputStream unpacked = file.endsWith(".gz") ? new GzipStream(raw) : raw;
                InputStream in = new BoundedStream(unpacked, ReadLimit.TABLE_BYTES);
                Reader text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
                CsvParser parser = factory().createParser(text)) {
            return readRows(parser, rows);
        } catch (ZipException | EOFException e) {
            faults.add(
                    tree.describe(file),
                    "damaged gzip file (" + e.getMessage() + "), good to about line " + line
                            + "; restore it from its source");
        } catch (CharacterCodingException e) {
            faults.add(tree.describe(file), "not UTF-8, good to about line " + line + "; restore it from its source");
        } catch (TooLargeException e) {
            faults.add(tree.describe(file), line, e.getMessage() + "; what follows is not read");
        } catch (StreamConstraintsException e) {
            faults.add(
                    tree.describe(file),
                    line,
                    "a field is too long: " + ReadLimit.TABLE_FIELD_CHARACTERS.told() + "; what follows is not read");
        } catch (JsonProcessingException e) {
            faults.add(tree.describe(file), line, "damaged CSV row (" + e.getOriginalMessage() + ")");
        } catch (IOException e) {
            faults.add(tree.describe(file), "can't be read (" + RegularFile.reason(e) + ")");
        }
        return false;
    }

    private static CsvFactory factory() {
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxStringLength(ReadLimit.TABLE_FIELD_CHARACTERS.mostInt())
                .build();
        return CsvFactory.builder()
                .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
                .streamReadConstraints(constraints)
                .build();
    }

    private boolean readRows(CsvParser parser, Consumer<Row> rows) throws IOException {
        List<String> header = nextRow(parser);
        if (header.isEmpty()) {
            faults.add(tree.describe(file), "empty file; it must begin with a header row that names " + columns);
            return false;
        }
        header.replaceAll(name -> name.replace("\uFEFF", "").strip());
        List<Integer> places = new ArrayList<>();
        for (String column : columns) {
            int place = header.indexOf(column);
            if (place < 0) {
                faults.add(tree.describe(file), 1, "no column '" + column + "'; the header row must name " + columns);
            }
            places.add(place);
        }
        if (places.contains(-1)) {
            return false;
        }
        long rowsLeft = ReadLimit.TABLE_ROWS.most();
        for (List<String> row = nextRow(parser); !row.isEmpty(); row = nextRow(parser)) {
            if (rowsLeft-- == 0) {
                throw new TooLargeException(ReadLimit.TABLE_ROWS);
            }
            if (row.size() == header.size()) {
                rows.accept(new Row(
                        tree.describe(file), line, places.stream().map(row::get).toList()));
            } else {
                faults.add(
                        tree.describe(file),
                        line,
                        "row has " + row.size() + " columns, it must have " + header.size() + " as the header row");
                broken.accept(row);
            }
        }
        return true;
    }

    /**
     * Unpacks gzip (RFC 1952); members that lie one behind the other are one text, and nothing but zeros may follow the last. The
     * JDK's stream calls itself for each member without text until the stack overflows, and reads a header byte by byte from the disk.
     */
    private static final class GzipStream extends InputStream {
        private static final int BUFFER_BYTES = 1 << 16;
        private static final int DEFLATE = 8;
        private static final int HEADER_CHECKSUM = 2;
        private static final int EXTRA = 4;
        private static final int NAME = 8;
        private static final int COMMENT = 16;
        private static final int RESERVED = 0xE0;
        /** Time, level and operating system. */
        private static final int IGNORED_BYTES = 6;

        private final InputStream in;
        private final Inflater inflater = new Inflater(true);
        private final CRC32 crc = new CRC32();
        private final byte[] packed = new byte[BUFFER_BYTES];
        private int packedBytes;
        private boolean ended;

        /** @param in closed with this stream; no more bytes of it than of an unpacked table are read */
        GzipStream(InputStream in) throws IOException {
            this.in = new BoundedStream(in, ReadLimit.TABLE_BYTES);
            beginMember(u8());
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            try {
                while (!ended) {
                    int read = inflater.inflate(bytes, offset, length);
                    if (read > 0) {
                        crc.update(bytes, offset, read);
                        return read;
                    }
                    if (inflater.finished()) {
                        endMember();
                    } else if (inflater.needsDictionary()) {
                        throw new ZipException("it needs a dictionary, as no gzip file does");
                    } else if (!fill()) {
                        throw end();
                    }
                }
                return -1;
            } catch (DataFormatException e) {
                throw new ZipException(String.valueOf(e.getMessage()));
            }
        }

        /** @param first byte of it */
        private void beginMember(int first) throws IOException {
            if (first != 0x1F || u8() != 0x8B) {
                throw new ZipException("Not in GZIP format");
            }
            int method = u8();
            int flags = u8();
            if (method != DEFLATE || (flags & RESERVED) != 0) {
                throw new ZipException("compressed by method " + method + " with flags " + flags);
            }
            skip(IGNORED_BYTES);
            if ((flags & EXTRA) != 0) {
                skip(u8() | u8() << 8);
            }
            skipText((flags & NAME) != 0);
            skipText((flags & COMMENT) != 0);
            skip((flags & HEADER_CHECKSUM) != 0 ? 2 : 0);
        }

        private void endMember() throws IOException {
            boolean isText = u32() == crc.getValue();
            boolean isLength = u32() == (inflater.getBytesWritten() & 0xFFFFFFFFL);
            if (!isText || !isLength) {
                throw new ZipException("Corrupt GZIP trailer");
            }
            int next = next();
            while (next == 0) {
                next = next();
            }
            ended = next < 0;
            if (!ended) {
                int at = packedBytes - inflater.getRemaining();
                inflater.reset();
                inflater.setInput(packed, at, packedBytes - at);
                crc.reset();
                beginMember(next);
            }
        }

        private void skip(int bytes) throws IOException {
            for (int i = 0; i < bytes; i++) {
                u8();
            }
        }

        private void skipText(boolean isThere) throws IOException {
            for (boolean isIn = isThere; isIn; isIn = u8() != 0) {}
        }

        private long u32() throws IOException {
            return u8() | (long) u8() << 8 | (long) u8() << 16 | (long) u8() << 24;
        }

        private int u8() throws IOException {
            int next = next();
            if (next < 0) {
                throw end();
            }
            return next;
        }

        /** The next byte that is not inflated; -1 at the end. */
        private int next() throws IOException {
            if (inflater.getRemaining() == 0 && !fill()) {
                return -1;
            }
            int at = packedBytes - inflater.getRemaining();
            inflater.setInput(packed, at + 1, packedBytes - at - 1);
            return packed[at] & 0xFF;
        }

        private boolean fill() throws IOException {
            packedBytes = Math.max(0, in.read(packed, 0, packed.length));
            inflater.setInput(packed, 0, packedBytes);
            return packedBytes > 0;
        }

        private static EOFException end() {
            return new EOFException("Unexpected end of ZLIB input stream");
        }

        @Override
        public void close() throws IOException {
            inflater.end();
            in.close();
        }
    }

    /** The next row, empty at the end of the file. */
    private List<String> nextRow(CsvParser parser) throws IOException {
        List<String> row = new ArrayList<>();
        line++; // until its first value tells better
        if (parser.nextToken() == null) {
            return row;
        }
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (row.isEmpty()) {
                line = parser.currentTokenLocation().getLineNr();
            }
            if (row.size() == mostColumns) {
                throw new TooLargeException(ReadLimit.TABLE_COLUMNS);
            }
            row.add(parser.getText());
        }
        return row;
    }
}
