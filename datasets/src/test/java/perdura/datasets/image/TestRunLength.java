package perdura.datasets.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.datasets.seeds.RandomStream;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.testkit.GoldenFolder;

/** Cases come from the golden folder: {@code prior/text_cases}, {@code sense/data_cases}, {@code dense/rle_cases}. */
class TestRunLength {
    @Test
    void everyCaseDecodesToItsMask() throws IOException {
        List<JsonNode> cases = cases("sense/data_cases.json", "rle");
        cases.addAll(cases("dense/rle_cases.json", "cases"));
        for (JsonNode expected : cases) {
            PixelMask mask = decode(expected);
            assertThat(rows(mask)).isEqualTo(texts(expected.get("mask")));
            assertThat(RunLength.encode(mask))
                    .isEqualTo(expected.get("encodedUnion").asText());
            if (expected.has("pixels")) {
                assertThat(mask.count()).isEqualTo(expected.get("pixels").asInt());
            }
        }
    }

    @Test
    void everyCaseDecodesToItsPixels() throws IOException {
        for (JsonNode expected : cases("prior/text_cases.json", "rle")) {
            PixelMask mask = new PixelMask(
                    expected.get("width").asInt(), expected.get("height").asInt());
            expected.get("pixels")
                    .forEach(
                            pixel -> mask.set(pixel.get(1).asInt(), pixel.get(0).asInt()));
            assertThat(rows(decode(expected))).isEqualTo(rows(mask));
        }
    }

    @Test
    void everyCaseResizesToItsMask() throws IOException {
        for (JsonNode expected : cases("dense/rle_cases.json", "resized")) {
            PixelMask resized = decode(expected)
                    .resize(
                            expected.get("newWidth").asInt(),
                            expected.get("newHeight").asInt());
            assertThat(rows(resized)).isEqualTo(texts(expected.get("mask")));
        }
    }

    @Test
    void everyFaultyCaseIsRefusedByItsKind() throws IOException {
        List<JsonNode> cases = cases("sense/data_cases.json", "rleErrors");
        cases.addAll(cases("dense/rle_cases.json", "errors"));
        for (JsonNode expected : cases) {
            String kind = expected.get("error").asText();
            assertThatExceptionOfType(PerduraException.class)
                    .as("rows %s", expected.get("rows"))
                    .isThrownBy(() -> decode(expected))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                    .withMessageMatching((kind.equals("outside") ? "run outside" : kind) + " .+");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 1 x 1|malformed run lengths: token 3 is 'x', it must be an integer",
                "0 1.5|malformed run lengths: token 2 is '1.5', it must be an integer",
                "0 -|malformed run lengths: token 2 is '-', it must be an integer",
                "4 2 -3 1|malformed run lengths: token 3 is '-3', it must not be negative (only a lone -1 says that the mask is"
                        + " empty)",
                "4 2 3|malformed run lengths: token 3 is '3', an offset without a length; the count of tokens must be even",
                "0 2 14 1|run outside of the image: the run of tokens 3 and 4 (14 1) ends after the last of 4 x 4 pixels;"
                        + " offsets count from the end of the run before",
                "99999999999999999999999999 1|run outside of the image: the run of tokens 1 and 2 (999999999999999999999999..."
                        + " 1) ends after the last of 4 x 4 pixels; offsets count from the end of the run before",
            })
    void messageNamesTokenAndPlace(String row, String message) {
        PixelMask mask = new PixelMask(4, 4);
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> RunLength.draw(row, mask))
                .withMessage(message);
        assertThat(mask.isEmpty()).isTrue();
    }

    /** A cell of a megabyte is read in milliseconds; in steps of its length squared it takes a minute. */
    @Test
    @Timeout(5)
    void aMillionDigitsAreReadInOneGo() {
        String nines = "9".repeat(1_000_000);
        String zeros = "0".repeat(1_000_000);
        PixelMask mask = new PixelMask(4, 4);
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> RunLength.draw("0 " + nines, mask))
                .withMessageStartingWith(
                        "run outside of the image: the run of tokens 1 and 2 (0 999999999999999999999999...)");
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> RunLength.draw("0 -" + nines, mask))
                .withMessageStartingWith(
                        "malformed run lengths: token 2 is '-99999999999999999999999...', it must not be");
        assertThatExceptionOfType(PerduraException.class)
                .isThrownBy(() -> RunLength.draw(zeros + "x 1", mask))
                .withMessage("malformed run lengths: token 1 is '000000000000000000000000...', it must be an integer");
        assertThat(mask.isEmpty()).isTrue();
        RunLength.draw("-" + zeros + " +" + zeros + "3", mask);
        assertThat(mask.count()).isEqualTo(3);
        PixelMask empty = new PixelMask(4, 4);
        RunLength.draw("-" + zeros + "1", empty);
        assertThat(empty.isEmpty()).isTrue();
    }

    @Test
    void encodingThenDecodingChangesNothing() {
        RandomStream random = new RandomStream(20262);
        for (int i = 0; i < 200; i++) {
            PixelMask mask = new PixelMask(1 + random.bounded(9), 1 + random.bounded(9));
            int most = mask.width() * mask.height();
            for (int k = random.bounded(most + 1); k > 0; k--) {
                mask.set(random.bounded(mask.width()), random.bounded(mask.height()));
            }
            String row = RunLength.encode(mask);
            assertThat(rows(RunLength.decode(List.of(" " + row + " "), mask.width(), mask.height())))
                    .isEqualTo(rows(mask));
        }
    }

    private static PixelMask decode(JsonNode expected) {
        return RunLength.decode(
                texts(expected.get("rows")),
                expected.get("width").asInt(),
                expected.get("height").asInt());
    }

    private static List<String> rows(PixelMask mask) {
        List<String> rows = new ArrayList<>();
        byte[] bytes = mask.toBytes();
        for (int y = 0; y < mask.height(); y++) {
            StringBuilder row = new StringBuilder();
            for (int x = 0; x < mask.width(); x++) {
                assertThat(mask.isSet(x, y)).isEqualTo(bytes[y * mask.width() + x] == 1);
                row.append(mask.isSet(x, y) ? '1' : '0');
            }
            rows.add(row.toString());
        }
        return rows;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static List<JsonNode> cases(String file, String key) throws IOException {
        Path folder = GoldenFolder.resolve("");
        List<JsonNode> cases = new ArrayList<>();
        new ObjectMapper().readTree(folder.resolve(file).toFile()).get(key).forEach(cases::add);
        assertThat(cases).isNotEmpty();
        return cases;
    }
}
