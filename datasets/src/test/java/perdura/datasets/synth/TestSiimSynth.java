package perdura.datasets.synth;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.image.DicomFile;
import perdura.datasets.image.PixelMask;
import perdura.datasets.image.RunLength;
import perdura.datasets.synth.SynthConfig.SiimCopy;

class TestSiimSynth {
    private static final int PATIENTS = 400;
    private static final int SIDE = 64;

    @TempDir
    static Path folder;

    private static Path root = Path.of("");

    @BeforeAll
    static void write() {
        root = folder.resolve("data");
        SyntheticSet.write(root, config(PATIENTS, SiimCopy.STAGE_1), 2, n -> {});
    }

    @Test
    void theFirstCopyHasItsBlanks() throws IOException {
        List<String> lines = Files.readAllLines(root.resolve("train-rle.csv"));
        assertThat(lines.get(0)).isEqualTo("ImageId, EncodedPixels");
        assertThat(lines.subList(1, lines.size())).allMatch(line -> line.matches("2\\.25\\.\\d+, (-1|\\d+( \\d+)*)"));
    }

    @Test
    void theSecondCopyHasNoBlanksAndTheSameRest() throws IOException {
        Path second = folder.resolve("second");
        SyntheticSet.write(second, config(40, SiimCopy.STAGE_2), 2, n -> {});
        List<String> lines = Files.readAllLines(second.resolve("train-rle.csv"));
        assertThat(lines.get(0)).isEqualTo("ImageId,EncodedPixels");
        assertThat(lines)
                .isEqualTo(Files.readAllLines(root.resolve("train-rle.csv")).stream()
                        .limit(lines.size())
                        .map(line -> line.replace(", ", ","))
                        .toList());
    }

    @Test
    void masksAreThoseOfTheTruth() throws IOException {
        Map<String, List<String>> rows = rows();
        assertThat(rows).hasSize(PATIENTS);
        int positive = 0;
        int several = 0;
        for (JsonNode line : SynthTree.truth(root)) {
            List<String> drawn = new ArrayList<>();
            for (JsonNode box : line.get("images").get(0).get("boxes")) {
                if (box.get("finding").asText().equals("pneumothorax")) {
                    drawn.add(box.get("rle").asText());
                }
            }
            List<String> written = requireNonNull(rows.get(line.get("image_id").asText()));
            PixelMask mask = RunLength.decode(written, SIDE, SIDE);
            assertThat(RunLength.encode(mask)).isEqualTo(RunLength.encode(RunLength.decode(drawn, SIDE, SIDE)));
            assertThat(line.get("target").asInt()).isEqualTo(drawn.isEmpty() ? 0 : 1);
            assertThat(mask.isEmpty()).isEqualTo(drawn.isEmpty());
            if (drawn.isEmpty()) {
                assertThat(written).containsExactly("-1");
            } else {
                positive++;
                several += written.size() > 1 ? 1 : 0;
                int pixels = written.stream()
                        .mapToInt(row ->
                                RunLength.decode(List.of(row), SIDE, SIDE).count())
                        .sum();
                assertThat(pixels).as("rows don't overlap").isEqualTo(mask.count());
            }
        }
        // SIIM's own: 2,669 of 12,047.
        assertThat(positive / (double) PATIENTS).isBetween(0.16, 0.28);
        assertThat(several / (double) positive).isBetween(0.15, 0.55);
    }

    @Test
    void everyListedImageIsInAStudyAndASeriesOfItsOwn() throws IOException {
        List<String> files = new ArrayList<>(
                SynthTree.contents(root.resolve("dicom-images-train")).keySet());
        assertThat(files)
                .hasSize(PATIENTS)
                .allMatch(path -> path.matches("2\\.25\\.\\d+/2\\.25\\.\\d+/2\\.25\\.\\d+\\.dcm"));
        assertThat(files.stream().map(f -> f.substring(f.lastIndexOf('/') + 1).replace(".dcm", "")))
                .containsExactlyInAnyOrderElementsOf(rows().keySet());
        for (JsonNode line : SynthTree.truth(root)) {
            Path file = root.resolve(line.get("images").get(0).get("path").asText());
            assertThat(DicomFile.decode(Files.readAllBytes(file)).width()).isEqualTo(SIDE);
        }
    }

    /** The values of every image, without their blank. */
    private static Map<String, List<String>> rows() throws IOException {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        List<List<String>> table = SynthTree.rows(root.resolve("train-rle.csv"));
        for (List<String> row : table.subList(1, table.size())) {
            rows.computeIfAbsent(row.get(0), id -> new ArrayList<>())
                    .add(row.get(1).strip());
        }
        return rows;
    }

    private static SynthConfig config(int patients, SiimCopy copy) {
        return new SynthConfig(
                SynthConfig.Format.SIIM,
                new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, patients),
                20260,
                0.5,
                SIDE,
                copy);
    }
}
