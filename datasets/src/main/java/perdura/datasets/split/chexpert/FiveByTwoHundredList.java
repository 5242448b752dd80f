package perdura.datasets.split.chexpert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.datasets.source.FaultList;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.input.BoundedStream;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.Sha256;

/**
 * A 5x200 set from a list file in the format of PRIOR's authors (prior.md 4.3): an object keyed by the row of {@code train.csv}, of
 * {@code {"image_path": "train/patient29750/study15/view1_frontal.jpg", "label": [1, 0, 0, 0, 0]}} with one label in the order of
 * {@link ChexpertFinding#FIVE}. The path names the image; a key that points elsewhere, and an image that shows more than its
 * finding, are the list's own affair.
 */
public final class FiveByTwoHundredList {
    private static final JsonFactory FACTORY = new ObjectMapper().getFactory();
    private static final String FORM =
            "; a list is an object of entries \"<row of train.csv>\": {\"image_path\": \"train/...\", \"label\": [1,"
                    + " 0, 0, 0, 0]}";

    private final Path file;
    private final ChexpertTable table;
    private final FaultList faults = new FaultList();
    private final Map<String, Integer> rowByPath = new HashMap<>();
    private final Map<ChexpertFinding, List<Integer>> classes = new LinkedHashMap<>();
    private final Set<String> keys = new HashSet<>();
    private final Set<Integer> listed = new HashSet<>();

    private FiveByTwoHundredList(Path file, ChexpertTable table) {
        this.file = file;
        this.table = table;
        for (int row = 0; row < table.rows().size(); row++) {
            rowByPath.put(table.samples().ids().get(row), row);
        }
        ChexpertFinding.FIVE.forEach(finding -> classes.put(finding, new ArrayList<>()));
    }

    /**
     * Reads a list.
     *
     * @param perClass images that each class must have; {@value FiveByTwoHundred#PER_CLASS} in the authors' list
     * @return a split whose parts are the findings' columns, rows in the order of the list
     * @throws PerduraException INVALID_DATA with file and line of the faults: no JSON of this form, an image that
     *     isn't a frontal one of {@code train.csv} or is listed twice, a key twice, a label that isn't one of five, another
     *     number of images in a class
     */
    public static Split read(String name, Path file, ChexpertTable table, int perClass) {
        FiveByTwoHundredList list = new FiveByTwoHundredList(file, table);
        String sha256 = list.readFile();
        list.faults.throwIfAny("list " + file); // so that a class's count isn't a second fault for the same entry
        Map<String, RowList> parts = new LinkedHashMap<>();
        list.classes.forEach((finding, rows) -> {
            if (rows.size() != perClass) {
                list.faults.add(
                        file.toString(),
                        finding.column() + " has " + rows.size() + " images, it must have " + perClass);
            }
            parts.put(
                    finding.column(),
                    RowList.of(rows.stream().mapToInt(Integer::intValue).toArray()));
        });
        list.faults.throwIfAny("list " + file);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("perClass", perClass);
        parameters.put("listSha256", sha256);
        return Split.of(name, "5x200 list", parameters, table.samples(), parts);
    }

    /** Returns the SHA-256 of the file. */
    private String readFile() {
        try (DigestInputStream in = new DigestInputStream(
                new BoundedStream(RegularFile.stream(file), ReadLimit.VOCABULARY_BYTES), Sha256.start())) {
            readEntries(in);
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (JsonProcessingException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    file + (e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr()) + ": not JSON ("
                            + e.getOriginalMessage() + ")" + FORM,
                    e);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    file + ": the list can't be read (" + RegularFile.reason(e) + ")" + FORM,
                    e);
        }
    }

    private void readEntries(InputStream in) throws IOException {
        try (JsonParser parser = FACTORY.createParser(in).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                fault(parser.currentTokenLocation().getLineNr(), "not an object" + FORM);
                return;
            }
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                long line = parser.currentTokenLocation().getLineNr();
                parser.nextToken();
                add(line, key, parser.readValueAsTree());
            }
            if (parser.nextToken() != null) {
                fault(parser.currentTokenLocation().getLineNr(), "something follows the list" + FORM);
            }
        }
    }

    private void add(long line, String key, JsonNode entry) {
        String path = entry.path("image_path").asText();
        int label = oneHot(entry.path("label"));
        Integer row = rowByPath.get(
                ChexpertTable.Image.parse(path).map(ChexpertTable.Image::path).orElse(path));
        if (!entry.path("image_path").isTextual()) {
            fault(line, "entry '" + key + "' has no image_path" + FORM);
        } else if (label < 0) {
            fault(
                    line,
                    "entry '" + key + "': the label must be " + ChexpertFinding.FIVE.size()
                            + " numbers, one of them 1 and the others 0");
        } else if (!keys.add(key)) {
            fault(line, "key '" + key + "' is there already; every key must be there once");
        } else if (row == null || table.rows().get(row).image().table() != ChexpertTable.Source.TRAIN) {
            fault(line, "image_path '" + path + "' has no row in train.csv; the list must be for this data set");
        } else if (table.rows().get(row).view() != ChexpertTable.Row.View.FRONTAL) {
            fault(line, "image_path '" + path + "' is a lateral image; it must be frontal");
        } else if (!listed.add(row)) {
            fault(line, "image_path '" + path + "' is listed already; it must be there once");
        } else {
            classes.getOrDefault(ChexpertFinding.FIVE.get(label), new ArrayList<>())
                    .add(row);
        }
    }

    /** Place of the 1, or -1 if this is not a list of five numbers, one of them 1 and the others 0. */
    private static int oneHot(JsonNode label) {
        List<Double> values = new ArrayList<>();
        label.forEach(value -> values.add(value.isNumber() ? value.doubleValue() : Double.NaN));
        boolean sound = label.isArray()
                && values.size() == ChexpertFinding.FIVE.size()
                && Collections.frequency(values, 1.0) == 1
                && Collections.frequency(values, 0.0) == values.size() - 1;
        return sound ? values.indexOf(1.0) : -1;
    }

    private void fault(long line, String reason) {
        faults.add(file.toString(), line, reason);
    }
}
