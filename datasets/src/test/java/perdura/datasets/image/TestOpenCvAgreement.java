package perdura.datasets.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The expected numbers come from OpenCV; {@code make_opencv.py} beside the fixture makes them. */
class TestOpenCvAgreement {
    @Test
    void areaAgreesToTheBit() throws IOException {
        for (JsonNode expected : fixture().get("area")) {
            GrayImage resized = AreaResize.resize(
                    image(expected),
                    expected.get("to_width").asInt(),
                    expected.get("to_height").asInt());
            assertThat(resized.pixels()).isEqualTo(bytes(expected.get("expected")));
        }
    }

    @Test
    void letterboxAgreesToTheBit() throws IOException {
        for (JsonNode expected : fixture().get("letterbox")) {
            int side = expected.get("side").asInt();
            GrayImage boxed = Letterbox.fit(image(expected), side);
            assertThat(boxed.width()).isEqualTo(side);
            assertThat(boxed.height()).isEqualTo(side);
            assertThat(boxed.pixels()).isEqualTo(bytes(expected.get("expected")));
        }
    }

    @Test
    void theOddColumnOfALetterboxIsOnTheRight() {
        Letterbox box = Letterbox.of(390, 320, 256); // 210 rows, 46 spare ones
        assertThat(box).isEqualTo(new Letterbox(256, 256, 210));
        assertThat(box.top()).isEqualTo(23);
        assertThat(box.left()).isZero();
        assertThat(Letterbox.of(319, 390, 256).left()).isEqualTo(23); // 209 columns, 47 spare ones
        assertThat(Letterbox.of(2, 4000, 256).width()).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Letterbox(256, 255, 210))
                .withMessageContainingAll("1 to 256", "255 x 210");
    }

    private static GrayImage image(JsonNode expected) {
        return new GrayImage(
                expected.get("width").asInt(), expected.get("height").asInt(), bytes(expected.get("pixels")));
    }

    private static byte[] bytes(JsonNode values) {
        byte[] bytes = new byte[values.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values.get(i).asInt();
        }
        return bytes;
    }

    private static JsonNode fixture() throws IOException {
        try (InputStream in = Objects.requireNonNull(TestOpenCvAgreement.class.getResourceAsStream("opencv.json"))) {
            return new ObjectMapper().readTree(in);
        }
    }
}
