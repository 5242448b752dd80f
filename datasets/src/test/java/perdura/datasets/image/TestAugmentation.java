package perdura.datasets.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.testkit.GoldenCases;
import perdura.testkit.GoldenFolder;
import perdura.testkit.GoldenTensors;

/** Cases come from the golden folder: {@code sense/draws_cases}, {@code dense/joint_augmentation}. */
class TestAugmentation {
    /** A draw of a golden crop is of an image of this side (sense.md 1.4). */
    private static final int SIDE = 256;

    @Test
    void everyCropAndMirrorIsDrawn() throws IOException {
        Path file = GoldenFolder.resolve("sense/draws_cases.json");
        JsonNode cases = new ObjectMapper().readTree(file.toFile()).get("crop");
        assertThat(cases).isNotEmpty();
        for (JsonNode expected : cases) {
            JsonNode box = expected.get("box");
            assertThat(CropBox.drawResized(stream("crop", expected), SIDE, SIDE))
                    .isEqualTo(new CropBox(
                            box.get(0).asInt(),
                            box.get(1).asInt(),
                            box.get(2).asInt(),
                            box.get(3).asInt()));
            assertThat(Mirror.draw(stream("flip", expected)))
                    .isEqualTo(expected.get("flip").asBoolean());
        }
    }

    @Test
    void noCropFitsAVeryLongImage() {
        assertThat(CropBox.drawResized(new RandomStream(1), 1000, 10)).isEqualTo(CropBox.whole(1000, 10));
    }

    @Test
    void everyAffineMapIsDrawn() {
        JsonNode config = GoldenCases.read("dense/joint_augmentation").get("config");
        for (JsonNode expected : config.get("draws")) {
            JointAffine drawn = JointAffine.draw(Seeds.stream(
                    expected.get("seed").asLong(),
                    "affine",
                    expected.get("epoch").asLong(),
                    expected.get("imageId").asText()));
            assertThat(drawn)
                    .isEqualTo(new JointAffine(
                            expected.get("angle").asDouble(),
                            expected.get("scale").asDouble()));
        }
    }

    @Test
    void imageAndMaskMoveTogether() {
        GoldenTensors fixture = GoldenTensors.load("dense/joint_augmentation");
        int channels = fixture.shape("image").get(0).intValue();
        int height = fixture.shape("image").get(1).intValue();
        int width = fixture.shape("image").get(2).intValue();
        byte[] image = bytes(fixture.values("image"));
        byte[] mask = bytes(fixture.values("mask"));
        float[] warped = new float[height * width];
        byte[] warpedMask = new byte[height * width];
        for (JsonNode entry : fixture.json().get("config").get("cases")) {
            String name = entry.get("name").asText();
            JointAffine map = new JointAffine(
                    entry.get("angle").asDouble(), entry.get("scale").asDouble());
            double[] expected = fixture.values(name + ".image");
            for (int channel = 0; channel < channels; channel++) {
                int from = channel * height * width;
                map.image(Arrays.copyOfRange(image, from, from + height * width), width, height, warped);
                for (int i = 0; i < warped.length; i++) {
                    float exact = (float) expected[from + i]; // computed in double, given as float
                    assertThat(warped[i])
                            .as("%s %d", name, i)
                            .isCloseTo(exact, within(Math.max(1e-9f, Math.ulp(exact))));
                }
            }
            map.mask(mask, width, height, warpedMask);
            assertThat(warpedMask).as(name).isEqualTo(bytes(fixture.values(name + ".mask")));
        }
    }

    @Test
    void anAffineMapOfNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JointAffine(Double.NaN, 1))
                .withMessageContainingAll("degrees", "above 0", "NaN", "1.0");
    }

    @Test
    void centreIsRoundedAsInTorchvision() { // int(round((height - side) / 2.0)), and so for the left edge
        assertThat(CropBox.centre(SIDE, SIDE, 224)).isEqualTo(new CropBox(16, 16, 224, 224));
        assertThat(CropBox.centre(255, 253, 224)).isEqualTo(new CropBox(14, 16, 224, 224)); // 14.5 and 15.5
        assertThat(CropBox.centre(224, 224, 224)).isEqualTo(CropBox.whole(224, 224));
    }

    @Test
    void aSquareIsDrawnByTopThenLeft() {
        RandomStream same = new RandomStream(20261);
        int top = same.bounded(33);
        assertThat(CropBox.draw(new RandomStream(20261), SIDE, SIDE, 224))
                .isEqualTo(new CropBox(top, same.bounded(33), 224, 224));
        assertThatIllegalArgumentException().isThrownBy(() -> CropBox.draw(same, 200, 300, 224));
    }

    @Test
    void aBoxOutsideIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CropBox(-1, 0, 2, 2))
                .withMessageContainingAll("top", "height", "left >= 0", "width >= 1", "-1, 0, 2, 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CropBox(1, 2, 2, 3).copy(new byte[12], 4, new byte[6]))
                .withMessageContainingAll("CropBox", "[top=1, left=2, height=2, width=3]", "4 x 3");
    }

    @Test
    void partsAreCopiedAndMirrored() {
        byte[] in = {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23};
        byte[] part = new byte[6];
        new CropBox(1, 1, 2, 3).copy(in, 4, part);
        assertThat(part).containsExactly(11, 12, 13, 21, 22, 23);
        Mirror.flip(part, 3);
        assertThat(part).containsExactly(13, 12, 11, 23, 22, 21);
    }

    private static RandomStream stream(String purpose, JsonNode expected) {
        return Seeds.stream(
                expected.get("seed").asLong(),
                purpose,
                expected.get("epoch").asLong(),
                expected.get("studyKey").asText(),
                expected.get("view").asLong());
    }

    private static byte[] bytes(double[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (int) values[i];
        }
        return bytes;
    }
}
