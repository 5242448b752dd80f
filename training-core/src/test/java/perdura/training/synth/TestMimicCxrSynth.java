package perdura.training.synth;

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
import perdura.grids.spec.DataSpec;
import perdura.training.data.DataReport;
import perdura.training.data.ImageCheck;
import perdura.training.data.LeftOut;
import perdura.training.data.MimicCxrReader;
import perdura.training.data.OfficialSplit;
import perdura.training.data.Study;
import perdura.training.data.StudyIndex;
import perdura.training.text.Vocabulary;
import perdura.training.text.WordPieceTokenizer;

class TestMimicCxrSynth {
    private static final SynthConfig CONFIG = SynthConfig.of(200, 20260);

    @TempDir
    static Path shared;

    private static Path folder;

    @BeforeAll
    static void write() {
        folder = shared.resolve("data");
        List<Long> progress = Collections.synchronizedList(new ArrayList<>());
        MimicCxrSynth.write(folder, CONFIG, progress::add);
        assertThat(progress).isSorted().endsWith(200L);
    }

    @Test
    void theReaderTakesItWithoutAFault() {
        DataReport report = MimicCxrReader.inspect(spec(DataSpec.Split.ALL));
        assertThat(report.faults()).isEmpty();
        assertThat(report.studiesListed()).isEqualTo(200);
        assertThat(report.studies()).isBetween(160L, 195L);
        assertThat(report.leftOut().get(LeftOut.OTHER_SPLIT)).isZero();
        for (LeftOut reason : LeftOut.values()) {
            if (reason != LeftOut.OTHER_SPLIT) {
                assertThat(report.leftOut().get(reason)).as(reason.name()).isPositive();
            }
        }
        Map<OfficialSplit, Integer> splits = new TreeMap<>();
        MimicCxrReader.read(spec(DataSpec.Split.ALL), ImageCheck.FRAME)
                .studies()
                .forEach(s -> splits.merge(s.split(), 1, Integer::sum));
        assertThat(splits.get(OfficialSplit.TRAIN)).isBetween(120, 160);
        assertThat(splits.get(OfficialSplit.VALIDATE)).isBetween(8, 25);
        assertThat(splits.get(OfficialSplit.TEST)).isBetween(8, 25);
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
        for (Study study : index().studies()) {
            JsonNode known = Objects.requireNonNull(truth.get(study.studyId()));
            Map<Boolean, String> doubted = study.sentences().stream()
                    .map(s -> s.toLowerCase(Locale.ROOT))
                    .filter(s -> !s.matches(".*\\b(no|not|free)\\b.*"))
                    .collect(Collectors.partitioningBy(
                            s -> s.matches(".*\\b(possible|cannot|questionable|may)\\b.*"), Collectors.joining(" ")));
            String positive = Objects.requireNonNull(doubted.get(false));
            String doubtful = Objects.requireNonNull(doubted.get(true));
            words.forEach((finding, word) -> {
                String told = known.get("told").get(finding).asText();
                String as = study.studyId() + " " + finding;
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
        Vocabulary vocabulary = Vocabulary.read(folder.resolve(MimicCxrSynth.VOCABULARY));
        WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary);
        int longest = 0;
        for (Study study : index().studies()) {
            int tokens = 2;
            for (String sentence : study.sentences()) {
                int[] ids = tokenizer.tokenize(sentence);
                assertThat(IntStream.of(ids)).doesNotContain(Vocabulary.UNKNOWN);
                tokens += ids.length;
            }
            longest = Math.max(longest, tokens);
        }
        assertThat(longest).isBetween(40, 96);
        assertThat(vocabulary.size()).isLessThan(400);
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

    private static StudyIndex index() {
        return MimicCxrReader.read(spec(DataSpec.Split.ALL), ImageCheck.FRAME);
    }

    private static DataSpec spec(DataSpec.Split split) {
        return new DataSpec(DataSpec.Format.MIMIC_CXR, folder, folder.resolve(MimicCxrSynth.VOCABULARY), split, 4);
    }
}
