package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.image.DicomFile;
import perdura.datasets.image.DicomWriter;
import perdura.datasets.image.GrayImage;
import perdura.datasets.seeds.RandomStream;

class TestRsnaSynth {
    private static final int PATIENTS = 500;
    private static final int SIDE = 64;

    @TempDir
    static Path folder;

    private static Path root = Path.of("");

    @BeforeAll
    static void write() {
        root = folder.resolve("data");
        SyntheticSet.write(root, config(), 2, n -> {});
    }

    @Test
    void everyPatientHasOneImageAndARowForEachBox() throws IOException {
        List<List<String>> rows = SynthTree.rows(root.resolve("stage_2_train_labels.csv"));
        assertThat(rows.get(0)).containsExactly("patientId", "x", "y", "width", "height", "Target");
        Set<String> ids = new HashSet<>();
        Map<String, Integer> boxes = new HashMap<>();
        for (List<String> row : rows.subList(1, rows.size())) {
            assertThat(row.get(0)).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
            ids.add(row.get(0));
            if (row.get(5).equals("1")) {
                boxes.merge(row.get(0), 1, Integer::sum);
                double[] box = row.subList(1, 5).stream()
                        .mapToDouble(Double::parseDouble)
                        .toArray();
                assertThat(box[0]).isNotNegative();
                assertThat(box[1]).isNotNegative();
                assertThat(box[2]).isPositive();
                assertThat(box[3]).isPositive();
                assertThat(box[0] + box[2]).isLessThanOrEqualTo(SIDE);
                assertThat(box[1] + box[3]).isLessThanOrEqualTo(SIDE);
                assertThat(row.get(1)).endsWith(".0");
            } else {
                assertThat(row).containsExactly(row.get(0), "", "", "", "", "0");
            }
        }
        assertThat(ids).hasSize(PATIENTS);
        Set<String> files = new HashSet<>();
        for (String path :
                SynthTree.contents(root.resolve("stage_2_train_images")).keySet()) {
            files.add(path.replace(".dcm", ""));
        }
        assertThat(files).isEqualTo(ids);
        // RSNA's own: 6,012 of 26,684 are positive, with 1.59 boxes each.
        assertThat(boxes.size() / (double) PATIENTS).isBetween(0.17, 0.28);
        assertThat(boxes.values().stream().mapToInt(Integer::intValue).sum() / (double) boxes.size())
                .isBetween(1.4, 1.9);
    }

    @Test
    void boxesAreThoseOfTheTruth() throws IOException {
        Map<String, List<String>> expected = new TreeMap<>();
        for (JsonNode line : SynthTree.truth(root)) {
            List<String> boxes = new ArrayList<>();
            for (JsonNode box : line.get("images").get(0).get("boxes")) {
                if (box.get("finding").asText().equals("consolidation")) {
                    int left = box.get("left").asInt();
                    int top = box.get("top").asInt();
                    boxes.add(left + ".0," + top + ".0," + (box.get("right").asInt() - left + 1) + ".0,"
                            + (box.get("bottom").asInt() - top + 1) + ".0");
                }
            }
            if (!boxes.isEmpty()) {
                expected.put(line.get("patient_id").asText(), boxes);
            }
            assertThat(line.get("target").asInt()).isEqualTo(boxes.isEmpty() ? 0 : 1);
        }
        Map<String, List<String>> written = new TreeMap<>();
        for (List<String> row : SynthTree.rows(root.resolve("stage_2_train_labels.csv"))) {
            if (row.get(5).equals("1")) {
                written.computeIfAbsent(row.get(0), id -> new ArrayList<>()).add(String.join(",", row.subList(1, 5)));
            }
        }
        assertThat(written).isEqualTo(expected);
    }

    @Test
    void classesAgreeWithLabels() throws IOException {
        List<List<String>> labels = SynthTree.rows(root.resolve("stage_2_train_labels.csv"));
        List<List<String>> classes = SynthTree.rows(root.resolve("stage_2_detailed_class_info.csv"));
        assertThat(classes.get(0)).containsExactly("patientId", "class");
        assertThat(classes).hasSameSizeAs(labels);
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 1; i < labels.size(); i++) {
            assertThat(classes.get(i).get(0)).isEqualTo(labels.get(i).get(0));
            assertThat(classes.get(i).get(1).equals("Lung Opacity"))
                    .isEqualTo(labels.get(i).get(5).equals("1"));
            counts.merge(classes.get(i).get(1), 1, Integer::sum);
        }
        assertThat(counts).containsOnlyKeys("Lung Opacity", "Normal", "No Lung Opacity / Not Normal");
        // RSNA's own: 8,851 of 26,684.
        assertThat(counts.getOrDefault("Normal", 0) / (double) PATIENTS).isBetween(0.26, 0.48);
    }

    @Test
    void ourReaderSeesWhatWasDrawnWhateverTheStorage() throws IOException {
        SynthConfig config = config();
        Set<DicomStorage> kinds = new HashSet<>();
        for (JsonNode line : SynthTree.truth(root).subList(0, 150)) {
            Patient patient = Patient.draw(config, line.get("patient").asInt());
            RandomStream random = patient.stream(config, "synth-study", 0);
            DicomStorage.Names names = DicomStorage.Names.draw(random);
            DicomStorage storage = DicomStorage.drawAnyKind(random);
            kinds.add(storage);
            assertThat(names.patientId()).isEqualTo(line.get("patient_id").asText());
            JsonNode image = line.get("images").get(0);
            Shot shot = new Shot(0, Shot.View.valueOf(image.get("view").asText()), SIDE, SIDE);
            byte[] drawn = shown(
                    storage,
                    ChestDrawing.draw(config, patient, patient.visits().get(0), shot)
                            .toGray()
                            .pixels());
            GrayImage read = DicomFile.decode(
                    Files.readAllBytes(root.resolve(image.get("path").asText())));
            assertThat(read.width()).isEqualTo(SIDE);
            double sum = 0;
            int most = 0;
            for (int i = 0; i < drawn.length; i++) {
                int difference = Math.abs((drawn[i] & 0xFF) - (read.pixels()[i] & 0xFF));
                sum += difference;
                most = Math.max(most, difference);
            }
            if (storage.encoding() == DicomWriter.Encoding.JPEG_BASELINE) {
                assertThat(sum / drawn.length).as(storage.toString()).isLessThan(4); // quality 0.95 on fine noise
            } else {
                assertThat(most).as(storage.toString()).isLessThanOrEqualTo(1); // a window's rounding
            }
        }
        assertThat(kinds).hasSize(8); // 3 encodings in both photometrics, 12 and 16 bits
    }

    /** Eight bits without a window are read scaled by 255 / max of what is stored (prior.md 4.1). */
    private static byte[] shown(DicomStorage storage, byte[] drawn) {
        if (storage.bits() > 8) {
            return drawn;
        }
        int inverted = storage.photometric() == DicomWriter.Photometric.MONOCHROME1 ? 255 : 0;
        int max = 0;
        for (byte level : drawn) {
            max = Math.max(max, (level & 0xFF) ^ inverted);
        }
        byte[] shown = new byte[drawn.length];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = (byte) (Math.round(((drawn[i] & 0xFF) ^ inverted) * 255f / max) ^ inverted);
        }
        return shown;
    }

    private static SynthConfig config() {
        return new SynthConfig(
                SynthConfig.Format.RSNA,
                new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, PATIENTS),
                20260,
                0.5,
                SIDE,
                SynthConfig.SiimCopy.STAGE_1);
    }
}
