package perdura.datasets.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The expected numbers come from Pillow; {@code make_pillow.py} beside the fixture makes them. */
class TestPillowAgreement {
    @Test
    void resizeAgreesToTheBit() throws IOException {
        for (JsonNode expected : fixture().get("resize")) {
            GrayImage image = new GrayImage(
                    expected.get("width").asInt(), expected.get("height").asInt(), bytes(expected.get("pixels")));
            GrayImage resized = BilinearResize.resize(
                    image,
                    expected.get("to_width").asInt(),
                    expected.get("to_height").asInt());
            assertThat(resized.pixels()).isEqualTo(bytes(expected.get("expected")));
        }
    }

    @Test
    void cropThenResizeAgreesToTheBit() throws IOException {
        for (JsonNode expected : fixture().get("crop")) {
            JsonNode box = expected.get("box");
            int width = expected.get("to_width").asInt();
            int height = expected.get("to_height").asInt();
            byte[] resized = new byte[width * height];
            BilinearResize.resize(
                    bytes(expected.get("pixels")),
                    expected.get("width").asInt(),
                    new CropBox(
                            box.get(0).asInt(),
                            box.get(1).asInt(),
                            box.get(2).asInt(),
                            box.get(3).asInt()),
                    resized,
                    width,
                    height);
            assertThat(resized).isEqualTo(bytes(expected.get("expected")));
        }
    }

    @Test
    void rotationAgreesToTheBit() throws IOException {
        for (JsonNode expected : fixture().get("rotate")) {
            int side = expected.get("side").asInt();
            byte[] rotated = new byte[side * side];
            NearestRotation.rotate(
                    bytes(expected.get("pixels")),
                    rotated,
                    side,
                    expected.get("degrees").asDouble());
            assertThat(rotated).isEqualTo(bytes(expected.get("expected")));
        }
    }

    @Test
    void greyJpegDecodesAsInPillow() throws IOException {
        JsonNode expected = fixture().get("jpeg");
        GrayImage image = JpegFile.decode(resource(expected.get("file").asText()));
        assertThat(image.width()).isEqualTo(expected.get("width").asInt());
        assertThat(image.height()).isEqualTo(expected.get("height").asInt());
        assertClose(image.pixels(), bytes(expected.get("expected")), 1); // decoders may round the DCT in other ways
    }

    @Test
    void colourJpegBecomesGreyAsInPillow() throws IOException {
        JsonNode expected = fixture().get("colour");
        GrayImage image = JpegFile.decode(resource(expected.get("file").asText()));
        assertClose(image.pixels(), bytes(expected.get("expected")), 2); // one more step of rounding, to RGB
    }

    @Test
    void oddJpegsBecomeGreyAsInPillow() throws IOException {
        JsonNode odd = fixture().get("odd");
        assertThat(odd).isNotEmpty();
        for (JsonNode expected : odd) {
            GrayImage image = JpegFile.decode(
                    Base64.getDecoder().decode(expected.get("file").asText()));
            assertClose(expected.get("what").asText(), image.pixels(), bytes(expected.get("expected")), 2);
        }
    }

    private static void assertClose(byte[] actual, byte[] expected, int most) {
        assertClose("image", actual, expected, most);
    }

    private static void assertClose(String what, byte[] actual, byte[] expected, int most) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i] & 0xFF).as("%s, pixel %d", what, i).isCloseTo(expected[i] & 0xFF, within(most));
        }
    }

    private static byte[] bytes(JsonNode values) {
        byte[] bytes = new byte[values.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values.get(i).asInt();
        }
        return bytes;
    }

    private static JsonNode fixture() throws IOException {
        return new ObjectMapper().readTree(resource("pillow.json"));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(TestPillowAgreement.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        }
    }
}
