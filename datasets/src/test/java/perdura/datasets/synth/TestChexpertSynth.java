package perdura.datasets.synth;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.image.JpegFile;

class TestChexpertSynth {
    private static final int PATIENTS = 600;
    private static final Map<String, String> COLUMNS = Map.of(
            "effusion", "Pleural Effusion",
            "consolidation", "Consolidation",
            "cardiomegaly", "Cardiomegaly",
            "edema", "Edema",
            "atelectasis", "Atelectasis",
            "pneumothorax", "Pneumothorax");

    @TempDir
    static Path folder;

    private static List<Map<String, String>> train = List.of();
    private static List<Map<String, String>> valid = List.of();

    @BeforeAll
    static void write() throws IOException {
        Path root = folder.resolve("data");
        SynthConfig config = new SynthConfig(
                SynthConfig.Format.CHEXPERT,
                new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, PATIENTS),
                20260,
                0.5,
                32,
                SynthConfig.SiimCopy.STAGE_1);
        SyntheticSet.write(root, config, 2, n -> {});
        train = table("train.csv");
        valid = table("valid.csv");
    }

    @Test
    void columnsAreThoseOfTheRealTables() throws IOException {
        for (String table : List.of("train.csv", "valid.csv")) {
            assertThat(Files.readAllLines(folder.resolve("data/CheXpert-v1.0-small/" + table))
                            .get(0))
                    .isEqualTo("Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,"
                            + "Lung Opacity,Lung Lesion,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,"
                            + "Pleural Other,Pleural Effusion,Fracture,Support Devices");
        }
    }

    @Test
    void pathsBeginWithTheFolderAndNameImages() {
        Set<String> patients = new HashSet<>();
        for (Map<String, String> row : train) {
            assertThat(field(row, "Path"))
                    .matches("CheXpert-v1\\.0-small/train/patient\\d{5}/study[123]/view[123]_(frontal|lateral)\\.jpg");
            patients.add(field(row, "Path").split("/", -1)[2]);
        }
        assertThat(patients).hasSize(540);
        for (Map<String, String> row : valid) {
            assertThat(field(row, "Path"))
                    .matches("CheXpert-v1\\.0-small/valid/patient\\d{5}/study1/view[123]_(frontal|lateral)\\.jpg");
            assertThat(patients).doesNotContain(field(row, "Path").split("/", -1)[2]);
        }
        assertThat(valid.stream()
                        .map(row -> field(row, "Path").split("/", -1)[2])
                        .distinct())
                .hasSize(60);
    }

    @Test
    void rowsAndImagesAreTheSame() throws IOException {
        Set<String> listed = new HashSet<>();
        for (Map<String, String> row : all()) {
            listed.add(field(row, "Path"));
            assertThat(JpegFile.decode(Files.readAllBytes(folder.resolve("data").resolve(field(row, "Path"))))
                            .width())
                    .isBetween(32, 40);
        }
        assertThat(listed).hasSize(train.size() + valid.size());
        assertThat(SynthTree.contents(folder.resolve("data/CheXpert-v1.0-small")))
                .hasSize(listed.size() + 2);
    }

    @Test
    void otherColumnsHoldWhatTheRealOnesHold() {
        for (Map<String, String> row : all()) {
            boolean frontal = field(row, "Path").endsWith("frontal.jpg");
            assertThat(row.get("Frontal/Lateral")).isEqualTo(frontal ? "Frontal" : "Lateral");
            assertThat(row.get("AP/PA")).matches(frontal ? "AP|PA" : "");
            assertThat(row.get("Sex")).matches("Male|Female");
            assertThat(Integer.parseInt(field(row, "Age"))).isBetween(20, 90);
        }
        assertThat(share(train, "Frontal/Lateral", "Frontal")).isBetween(0.8, 0.9);
    }

    @Test
    void labelsAgreeWithTheTruth() throws IOException {
        Map<String, String> values = Map.of("present", "1.0", "absent", "0.0", "unclear", "-1.0", "none", "");
        Map<String, JsonNode> truth = new TreeMap<>();
        for (JsonNode study : SynthTree.truth(folder.resolve("data"))) {
            truth.put(study.get("study").asText(), study);
        }
        for (Map<String, String> row : all()) {
            String path = field(row, "Path");
            JsonNode study = requireNonNull(truth.get(path.substring(0, path.lastIndexOf('/'))));
            Set<String> drawn = new HashSet<>();
            study.get("findings").forEach(f -> drawn.add(f.get("finding").asText()));
            COLUMNS.forEach((finding, column) -> {
                String told = study.get("told").get(finding).asText();
                assertThat(row.get(column)).isEqualTo(values.get(told));
                if (told.equals("present") || told.equals("absent")) {
                    assertThat(drawn.contains(finding)).isEqualTo(told.equals("present"));
                }
            });
        }
    }

    @Test
    void theValidTableHasNoDoubtsAndNoGaps() {
        for (Map<String, String> row : valid) {
            LabelColumns.CHEXPERT.forEach(column -> assertThat(row.get(column)).matches("1\\.0|0\\.0"));
            boolean dense =
                    List.of("Consolidation", "Edema", "Atelectasis").stream().anyMatch(c -> "1.0".equals(row.get(c)));
            assertThat(row.get("Lung Opacity")).isEqualTo(dense ? "1.0" : "0.0");
        }
    }

    @Test
    void noFindingStandsAlone() {
        for (Map<String, String> row : train) {
            if ("1.0".equals(row.get("No Finding"))) {
                LabelColumns.CHEXPERT.stream()
                        .filter(c -> !c.equals("No Finding") && !c.equals("Support Devices"))
                        .forEach(column -> assertThat(row.get(column)).matches("0\\.0|"));
            }
        }
        assertThat(share(train, "No Finding", "1.0")).isBetween(0.05, 0.2);
    }

    @Test
    void sharesOfDoubtsAndGapsAreLikeTheRealOnes() {
        // CheXpert's own shares of -1.0 are 0.15, 0.12, 0.06, 0.05, 0.04, 0.01 of all rows.
        assertThat(share(train, "Atelectasis", "-1.0")).isBetween(0.05, 0.16);
        assertThat(share(train, "Consolidation", "-1.0")).isBetween(0.05, 0.16);
        assertThat(share(train, "Edema", "-1.0")).isBetween(0.03, 0.11);
        assertThat(share(train, "Pleural Effusion", "-1.0")).isBetween(0.02, 0.1);
        assertThat(share(train, "Pneumothorax", "-1.0")).isBetween(0.005, 0.05);
        assertThat(share(train, "Pneumothorax", "0.0")).isBetween(0.18, 0.33);
        assertThat(share(train, "Atelectasis", "0.0")).isLessThan(0.03);
        for (String column : COLUMNS.values()) {
            assertThat(share(train, column, "1.0")).as(column).isBetween(0.05, 0.32);
            assertThat(share(train, column, "")).as(column).isGreaterThan(0.45);
        }
    }

    @Test
    void everyClassOfTheFiveHasExclusivePositives() {
        for (String column : List.of("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion")) {
            long exclusive = train.stream()
                    .filter(row -> "Frontal".equals(row.get("Frontal/Lateral")) && "1.0".equals(row.get(column)))
                    .filter(row -> LabelColumns.CHEXPERT.stream()
                            .filter(c -> !c.equals(column) && !c.equals("No Finding"))
                            .allMatch(c -> row.getOrDefault(c, "?").matches("0\\.0|")))
                    .count();
            assertThat(exclusive).as(column).isGreaterThan(5);
        }
    }

    private static String field(Map<String, String> row, String column) {
        return requireNonNull(row.get(column));
    }

    private static double share(List<Map<String, String>> rows, String column, String value) {
        return rows.stream().filter(row -> value.equals(row.get(column))).count() / (double) rows.size();
    }

    private static List<Map<String, String>> all() {
        List<Map<String, String>> all = new ArrayList<>(train);
        all.addAll(valid);
        return all;
    }

    private static List<Map<String, String>> table(String name) throws IOException {
        List<List<String>> rows = SynthTree.rows(folder.resolve("data/CheXpert-v1.0-small/" + name));
        List<Map<String, String>> table = new ArrayList<>();
        for (List<String> row : rows.subList(1, rows.size())) {
            assertThat(row).hasSameSizeAs(rows.get(0));
            Map<String, String> fields = new TreeMap<>();
            for (int i = 0; i < row.size(); i++) {
                fields.put(rows.get(0).get(i), row.get(i));
            }
            table.add(fields);
        }
        return table;
    }
}
