package perdura.datasets.split.chexpert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Sha256;

/** The JSON of a 5x200 list, entry by entry. */
final class ListFile {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final String FORM =
            "; a list is an object of entries \"<row of train.csv>\": {\"image_path\": \"train/...\", \"label\": [1, 0, 0, 0, 0]}";

    private final Faults faults;
    private final Consumer<Entry> entries;

    private ListFile(Faults faults, Consumer<Entry> entries) {
        this.faults = faults;
        this.entries = entries;
    }

    /**
     * One image of a list.
     *
     * @param line on which the entry begins
     * @param label place of the 1 in its label, 0 to 4
     */
    record Entry(long line, String key, String path, int label) {}

    /**
     * Hands the sound entries on and gathers the faults of the others.
     *
     * @return SHA-256 of the file
     * @throws PerduraException INVALID_DATA if the file can't be read or is not JSON
     */
    static String read(Path file, Faults faults, Consumer<Entry> entries) {
        ListFile list = new ListFile(faults, entries);
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), Sha256.start())) {
            list.readEntries(in);
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (JsonProcessingException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    file + ":" + e.getLocation().getLineNr() + ": not JSON (" + e.getOriginalMessage() + ")" + FORM,
                    e);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    file + ": the list can't be read (" + e.getClass().getSimpleName() + ")" + FORM,
                    e);
        }
    }

    private void readEntries(InputStream in) throws IOException {
        try (JsonParser parser = FACTORY.createParser(in).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                faults.add(parser.currentTokenLocation().getLineNr(), "not an object" + FORM);
                return;
            }
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                readEntry(parser, key);
            }
            if (parser.nextToken() != null) {
                faults.add(parser.currentTokenLocation().getLineNr(), "something follows the list" + FORM);
            }
        }
    }

    private void readEntry(JsonParser parser, String key) throws IOException {
        long line = parser.currentTokenLocation().getLineNr();
        String path = null;
        int label = -1;
        if (parser.nextToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                switch (name) {
                    case "image_path" -> path = text(parser);
                    case "label" -> label = oneHot(parser);
                    default -> parser.skipChildren();
                }
            }
        } else {
            parser.skipChildren();
        }
        if (path == null) {
            faults.add(line, "entry '" + key + "' has no image_path" + FORM);
        } else if (label < 0) {
            faults.add(
                    line,
                    "entry '" + key + "': the label must be " + ChexpertFinding.FIVE.size()
                            + " numbers, one of them 1 and the others 0");
        } else {
            entries.accept(new Entry(line, key, path, label));
        }
    }

    private static @Nullable String text(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        parser.skipChildren();
        return null;
    }

    /** Place of the 1, or -1 if this is not a list of five numbers, one of them 1 and the others 0. */
    private static int oneHot(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return -1;
        }
        int place = -1;
        int ones = 0;
        int length = 0;
        boolean sound = true;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            double value = token.isNumeric() ? parser.getDoubleValue() : Double.NaN;
            if (value == 1) {
                place = length;
                ones++;
            }
            sound &= value == 0 || value == 1;
            parser.skipChildren();
            length++;
        }
        return sound && ones == 1 && length == ChexpertFinding.FIVE.size() ? place : -1;
    }

    /** The faults of one list file: the first {@value #SHOWN}, all counted. */
    static final class Faults {
        private static final int SHOWN = 20;

        private final Path file;
        private final List<String> first = new ArrayList<>();
        private int count;

        Faults(Path file) {
            this.file = file;
        }

        void add(long line, String reason) {
            addText(file + ":" + line + ": " + reason);
        }

        void add(String reason) {
            addText(file + ": " + reason);
        }

        /** @throws PerduraException INVALID_DATA if there is a fault */
        void throwIfAny() {
            if (count > 0) {
                String rest = count > first.size() ? "\nand " + (count - first.size()) + " more faults" : "";
                throw new PerduraException(ErrorCode.INVALID_DATA, String.join("\n", first) + rest);
            }
        }

        private void addText(String text) {
            count++;
            if (first.size() < SHOWN) {
                first.add(text);
            }
        }
    }
}
