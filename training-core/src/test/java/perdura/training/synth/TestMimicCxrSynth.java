package perdura.training.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
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
        assertThat(progress).hasSize(200).contains(1L, 200L);
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
    void reportsTellExactlyWhatTheTruthHolds() throws IOException {
        Map<String, JsonNode> truth = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve(MimicCxrSynth.TRUTH))) {
            JsonNode study = new ObjectMapper().readTree(line);
            truth.put("s" + study.get("study_id").asText(), study);
        }
        Map<String, String> words = Map.of(
                "effusion", "effusion",
                "consolidation", "consolidation",
                "cardiomegaly", "cardiomegaly|enlarge",
                "edema", "edema",
                "atelectasis", "atelectasis",
                "pneumothorax", "pneumothorax");
        for (Study study : index().studies()) {
            String positive = String.join(
                    " ",
                    study.sentences().stream()
                            .map(s -> s.toLowerCase(Locale.ROOT))
                            .filter(s -> !s.matches(".*\\b(no|not|free)\\b.*"))
                            .toList());
            List<String> told = words.keySet().stream()
                    .filter(k -> positive.matches(".*(" + words.get(k) + ").*"))
                    .sorted()
                    .toList();
            JsonNode findings =
                    Objects.requireNonNull(truth.get(study.studyId())).get("findings");
            List<String> drawn = new ArrayList<>();
            findings.forEach(f -> drawn.add(f.get("finding").asText()));
            Collections.sort(drawn);
            assertThat(told).as(study.studyId()).isEqualTo(drawn);
            findings.forEach(f -> {
                String side = f.get("side").asText();
                if (!side.equals("both")) {
                    assertThat(positive).contains(side);
                }
            });
        }
    }

    @Test
    void everyFindingIsVisibleInsideItsImage() throws IOException {
        int boxes = 0;
        for (String line : Files.readAllLines(folder.resolve(MimicCxrSynth.TRUTH))) {
            JsonNode study = new ObjectMapper().readTree(line);
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

    @Test
    void pixelsAndTextsAreTheSameOnEveryMachine() throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < 40; i++) {
            SyntheticStudy study = SyntheticStudy.draw(CONFIG, i);
            digest.update(ReportText.of(study, CONFIG.seed()).getBytes(StandardCharsets.UTF_8));
            for (SyntheticStudy.SyntheticImage image : study.images()) {
                digest.update(ChestDrawing.draw(study, image, CONFIG.seed()).pixels());
            }
        }
        digest.update(SynthVocabulary.text().getBytes(StandardCharsets.UTF_8));
        // The JPEG and gzip encoders belong to the JDK and may differ; pixels and texts are ours.
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("fd91116cbb1eb71e1ae0ba2dedf8e5a2cebc27ee284099c00b0f014a823bf9df");
    }

    @Test
    void theSameSettingsGiveTheSameBytes(@TempDir Path other) throws IOException {
        SynthConfig small = SynthConfig.of(12, 7);
        MimicCxrSynth.write(other.resolve("a"), small, n -> {});
        MimicCxrSynth.write(other.resolve("b"), small, n -> {});
        MimicCxrSynth.write(other.resolve("c"), SynthConfig.of(12, 8), n -> {});
        assertThat(contents(other.resolve("b"))).isEqualTo(contents(other.resolve("a")));
        assertThat(contents(other.resolve("c"))).isNotEqualTo(contents(other.resolve("a")));
        try (Stream<Path> entries = Files.list(other)) {
            assertThat(entries).hasSize(3); // nothing half-written stays
        }
    }

    @Test
    void writingAgainChangesNothing(@TempDir Path other) throws IOException {
        Path target = other.resolve("a");
        MimicCxrSynth.write(target, SynthConfig.of(3, 7), n -> {});
        Files.delete(target.resolve(MimicCxrSynth.TRUTH));
        MimicCxrSynth.write(target, SynthConfig.of(3, 7), n -> {
            throw new IllegalStateException("nothing is to be written");
        });
        assertThat(target.resolve(MimicCxrSynth.TRUTH)).doesNotExist();
        refuses(target, SynthConfig.of(4, 7), target + " holds a synthetic data set with other settings");
    }

    @Test
    void aFolderWithOtherThingsIsRefused(@TempDir Path other) throws IOException {
        Files.writeString(other.resolve("thesis.txt"), "mine");
        refuses(other, CONFIG, other + " is not an empty folder; name a folder that is empty or doesn't exist");
        assertThat(Files.readString(other.resolve("thesis.txt"))).isEqualTo("mine");
    }

    @Test
    void anEmptyFolderIsTaken(@TempDir Path other) throws IOException {
        Path target = Files.createDirectory(other.resolve("empty"));
        MimicCxrSynth.write(target, SynthConfig.of(2, 7), n -> {});
        assertThat(target.resolve(MimicCxrSynth.MARKER)).exists();
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SynthConfig.of(0, 1))
                .withMessage("studies must be 1 to 1000000, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SynthConfig(1, 1, 64, 32))
                .withMessage("sides must be 32 to 4096 and the longest not below the shortest, were 64 and 32");
    }

    private static void refuses(Path target, SynthConfig config, String message) {
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> MimicCxrSynth.write(target, config, n -> {}))
                .withMessageStartingWith(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC));
    }

    private static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String bytes = HexFormat.of().formatHex(Files.readAllBytes(file));
                if (!file.endsWith(MimicCxrSynth.MARKER)) {
                    contents.put(root.relativize(file).toString(), bytes);
                }
            }
        }
        return contents;
    }

    private static StudyIndex index() {
        return MimicCxrReader.read(spec(DataSpec.Split.ALL), ImageCheck.FRAME);
    }

    private static DataSpec spec(DataSpec.Split split) {
        return new DataSpec(DataSpec.Format.MIMIC_CXR, folder, folder.resolve(MimicCxrSynth.VOCABULARY), split, 4);
    }
}
