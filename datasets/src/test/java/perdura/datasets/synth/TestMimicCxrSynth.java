package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.DataReport;
import perdura.datasets.ingest.Exclusion;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.ingest.TestingMimic;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

class TestMimicCxrSynth {
    private static final SynthConfig CONFIG = SynthConfig.of(200, 20260);

    @TempDir
    static Path shared;

    private static Path folder;
    private static DataSet data;
    private static List<String> pieces;

    @BeforeAll
    static void write() throws IOException {
        folder = shared.resolve("data");
        List<Long> progress = Collections.synchronizedList(new ArrayList<>());
        MimicCxrSynth.write(folder, CONFIG, progress::add);
        assertThat(progress).isSorted().endsWith(200L);
        data = TestingMimic.ingest(ingest(), shared.resolve("artifacts"));
        pieces = Files.readAllLines(folder.resolve(MimicCxrSynth.VOCABULARY));
    }

    @Test
    void theIngestTakesItWithoutAFault() {
        DataReport report = Ingest.inspect(ingest(), 2, (samples, all, faults) -> {});
        assertThat(report.faultCount()).isZero();
        assertThat(report.samples()).isBetween(160L, 195L);
        assertThat(report.leftOut())
                .extracting(DataReport.Count::what)
                .containsExactlyInAnyOrder(Stream.of(
                                Exclusion.NOT_FRONTAL,
                                Exclusion.NO_FRONTAL_IMAGE,
                                Exclusion.NO_REPORT,
                                Exclusion.NO_SECTION,
                                Exclusion.TOO_FEW_SENTENCES)
                        .map(Exclusion::description)
                        .toArray(String[]::new));
        assertThat(report.splits().get("train")).isBetween(120L, 160L);
        assertThat(report.splits().get("validate")).isBetween(8L, 25L);
        assertThat(report.splits().get("test")).isBetween(8L, 25L);
    }

    @Test
    void reportsTellExactlyWhatTheTruthSays() throws IOException {
        Map<String, JsonNode> truth = new TreeMap<>();
        for (JsonNode study : SynthTree.truth(folder)) {
            truth.put("s" + study.get("study_id").asText(), study);
        }
        Map<String, String> words = Map.of(
                "effusion", "effusion",
                "consolidation", "consolidation",
                "cardiomegaly", "cardiomegaly|enlarge",
                "edema", "edema",
                "atelectasis", "atelectasis",
                "pneumothorax", "pneumothorax");
        int unclear = 0;
        for (int row = 0; row < data.size(); row++) {
            String study = data.sampleId(row);
            JsonNode known = Objects.requireNonNull(truth.get(study), study);
            Map<Boolean, String> doubted = sentences(row).stream()
                    .map(s -> s.toLowerCase(Locale.ROOT))
                    .filter(s -> !s.matches(".*\\b(no|not|free)\\b.*"))
                    .collect(Collectors.partitioningBy(
                            s -> s.matches(".*\\b(possible|cannot|questionable|may)\\b.*"), Collectors.joining(" ")));
            String positive = Objects.requireNonNull(doubted.get(false));
            String doubtful = Objects.requireNonNull(doubted.get(true));
            words.forEach((finding, word) -> {
                String told = known.get("told").get(finding).asText();
                String as = study + " " + finding;
                assertThat(positive.matches(".*(" + word + ").*")).as(as).isEqualTo(told.equals("present"));
                assertThat(doubtful.matches(".*(" + word + ").*")).as(as).isEqualTo(told.equals("unclear"));
            });
            for (JsonNode f : known.get("findings")) {
                String side = f.get("side").asText();
                String told = known.get("told").get(f.get("finding").asText()).asText();
                assertThat(told).isIn("present", "unclear");
                if (told.equals("present") && !side.equals("both")) {
                    assertThat(positive).contains(side);
                }
                unclear += told.equals("unclear") ? 1 : 0;
            }
        }
        assertThat(unclear).isBetween(10, 40);
    }

    @Test
    void labelsAreThoseOfTheReports() throws IOException {
        Map<String, String> values = Map.of("present", "1.0", "absent", "0.0", "unclear", "-1.0", "none", "");
        Map<String, List<String>> rows = new TreeMap<>();
        List<String> header;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(folder.resolve("mimic-cxr-2.0.0-chexpert.csv.gz"))),
                StandardCharsets.UTF_8))) {
            header = List.of(Objects.requireNonNull(lines.readLine()).split(",", -1));
            lines.lines().forEach(line -> rows.put(line.split(",", -1)[1], List.of(line.split(",", -1))));
        }
        assertThat(header)
                .containsExactly(
                        "subject_id",
                        "study_id",
                        "Atelectasis",
                        "Cardiomegaly",
                        "Consolidation",
                        "Edema",
                        "Enlarged Cardiomediastinum",
                        "Fracture",
                        "Lung Lesion",
                        "Lung Opacity",
                        "No Finding",
                        "Pleural Effusion",
                        "Pleural Other",
                        "Pneumonia",
                        "Pneumothorax",
                        "Support Devices");
        int labelled = 0;
        for (JsonNode study : SynthTree.truth(folder)) {
            List<String> row = rows.get(study.get("study_id").asText());
            if (row != null) {
                labelled++;
                JsonNode told = study.get("told");
                assertThat(row.get(2))
                        .isEqualTo(values.get(told.get("atelectasis").asText()));
                assertThat(row.get(4))
                        .isEqualTo(values.get(told.get("consolidation").asText()));
                assertThat(row.get(11))
                        .isEqualTo(values.get(told.get("effusion").asText()));
                assertThat(row.get(14))
                        .isEqualTo(values.get(told.get("pneumothorax").asText()));
            }
        }
        assertThat(labelled).isBetween(185, 199); // a few reports are missing
    }

    @Test
    void everyFindingIsVisibleInsideItsImage() throws IOException {
        int boxes = 0;
        for (JsonNode study : SynthTree.truth(folder)) {
            for (JsonNode image : study.get("images")) {
                boolean frontal = !image.get("view").asText().equals("LATERAL");
                assertThat(image.get("boxes"))
                        .hasSize(frontal ? study.get("findings").size() : 0);
                for (JsonNode box : image.get("boxes")) {
                    boxes++;
                    assertThat(box.get("left").asInt()).isNotNegative();
                    assertThat(box.get("right").asInt())
                            .isBetween(
                                    box.get("left").asInt() + 3,
                                    image.get("width").asInt() - 1);
                    assertThat(box.get("bottom").asInt())
                            .isBetween(
                                    box.get("top").asInt() + 3,
                                    image.get("height").asInt() - 1);
                    assertThat(box.get("pixels").asInt()).isGreaterThan(30);
                }
            }
        }
        assertThat(boxes).isGreaterThan(200);
    }

    @Test
    void theVocabularyKnowsEveryWord() {
        int longest = 0;
        for (int row = 0; row < data.size(); row++) {
            int tokens = 2;
            for (int[] ids : data.sentences(row)) {
                assertThat(ids).doesNotContain(Vocabulary.UNKNOWN);
                tokens += ids.length;
            }
            longest = Math.max(longest, tokens);
        }
        assertThat(longest).isBetween(40, 96);
        assertThat(data.vocabulary().size()).isLessThan(400);
    }

    @Test
    void reportsHaveTheMessOfRealOnes() throws IOException {
        String all = "";
        try (Stream<Path> files = Files.walk(folder.resolve("files"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".txt")).toList()) {
                String text = Files.readString(file);
                assertThat(text.lines()).allMatch(line -> line.length() <= 81);
                all += text;
            }
        }
        assertThat(all).contains("FINAL REPORT\n", "___", " IMPRESSON: ", " FINDNGS: ", " 2. ", " WET READ: ");
    }

    private static List<String> sentences(int row) {
        return data.sentences(row).stream()
                .map(ids -> IntStream.of(ids).mapToObj(pieces::get).collect(Collectors.joining(" ")))
                .map(text -> text.replace(" ##", ""))
                .toList();
    }

    private static IngestSpec ingest() {
        return new IngestSpec(
                SourceSet.MIMIC_CXR,
                folder,
                IngestSpec.Profile.PRIOR,
                64,
                folder.resolve(MimicCxrSynth.VOCABULARY),
                4,
                IngestSpec.Sections.FINDINGS_IMPRESSION,
                null,
                IngestSpec.Sampling.STANDARD,
                true,
                false);
    }
}
