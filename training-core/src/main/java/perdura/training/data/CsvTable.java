package perdura.training.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads the named columns of a CSV file with a header row, plain or gzip by its name. Other columns are free. */
final class CsvTable {
    private static final CsvFactory FACTORY =
            CsvFactory.builder().enable(CsvParser.Feature.SKIP_EMPTY_LINES).build();

    private final Path file;
    private final List<String> columns;
    private final FaultList faults;
    /** Where the row that is being read begins. */
    private long line;

    private CsvTable(Path file, List<String> columns, FaultList faults) {
        this.file = file;
        this.columns = columns;
        this.faults = faults;
    }

    /**
     * One row.
     *
     * @param line the line it begins on, from 1
     * @param values one value for each asked column, in the order asked
     */
    record Row(Path file, long line, List<String> values) {}

    /**
     * Reads {@code name.csv.gz}, or else {@code name.csv}, below a folder. What can't be read becomes a fault, and good
     * rows before it are still given.
     *
     * @return whether the file was read to its end; single rows may still have had faults
     */
    static boolean read(Path folder, String name, List<String> columns, FaultList faults, Consumer<Row> rows) {
        Path zipped = folder.resolve(name + ".csv.gz");
        Path plain = folder.resolve(name + ".csv");
        if (!Files.exists(zipped) && !Files.exists(plain)) {
            faults.add(zipped, "no such file; it (or " + plain.getFileName() + ") must come with the data set");
            return false;
        }
        Path file = Files.exists(zipped) ? zipped : plain;
        return new CsvTable(file, columns, faults).readRows(rows);
    }

    private boolean readRows(Consumer<Row> rows) {
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
                Reader text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
                CsvParser parser = FACTORY.createParser(text)) {
            return readRows(parser, rows);
        } catch (ZipException | EOFException e) {
            faults.add(
                    file,
                    "damaged gzip file (" + e.getMessage() + "), good to about line " + line
                            + "; restore it from its source");
        } catch (CharacterCodingException e) {
            faults.add(file, "not UTF-8, good to about line " + line + "; restore it from its source");
        } catch (JsonProcessingException e) {
            faults.add(file, line, "damaged CSV row (" + e.getOriginalMessage() + ")");
        } catch (IOException e) {
            faults.add(file, "can't be read (" + e.getClass().getSimpleName() + ")");
        }
        return false;
    }

    private boolean readRows(CsvParser parser, Consumer<Row> rows) throws IOException {
        List<String> header = nextRow(parser);
        if (header.isEmpty()) {
            faults.add(file, "empty file; it must begin with a header row that names " + columns);
            return false;
        }
        header.set(0, header.get(0).replace("\uFEFF", ""));
        List<Integer> places = new ArrayList<>();
        for (String column : columns) {
            int place = header.indexOf(column);
            if (place < 0) {
                faults.add(file, 1, "no column '" + column + "'; the header row must name " + columns);
            }
            places.add(place);
        }
        if (places.contains(-1)) {
            return false;
        }
        for (List<String> row = nextRow(parser); !row.isEmpty(); row = nextRow(parser)) {
            if (row.size() == header.size()) {
                rows.accept(new Row(file, line, places.stream().map(row::get).toList()));
            } else {
                faults.add(
                        file,
                        line,
                        "row has " + row.size() + " columns, it must have " + header.size() + " as the header row");
            }
        }
        return true;
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
            row.add(parser.getText());
        }
        return row;
    }
}
