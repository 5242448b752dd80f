package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import perdura.datasets.seeds.Seeds;
import perdura.testkit.GoldenCases;

class TestSenseDraws {
    private final JsonNode golden = GoldenCases.read("sense/draws_cases");

    private static SenseDraws draws(JsonNode c) {
        return new SenseDraws(c.get("seed").asLong());
    }

    private static SenseDraws.View view(JsonNode c) {
        return c.get("view").asInt() == 1 ? SenseDraws.View.NORMAL : SenseDraws.View.MOMENTUM;
    }

    @Test
    void everyTableOfTheReferenceHasATest() {
        // hash64, stream and bounded: TestSeeds; the boxes of crop: the tests of the image draws
        assertThat(golden.properties().stream().filter(table -> table.getValue().isArray()))
                .extracting(table -> table.getKey())
                .containsExactlyInAnyOrder(
                        "hash64", "stream", "bounded", "pick", "order", "subset", "crop", "kmeansInitial");
    }

    @Test
    void picksAreThoseOfTheReference() {
        assertThat(golden.get("pick")).isNotEmpty();
        for (JsonNode c : golden.get("pick")) {
            assertThat(draws(c).pick(
                                    c.get("epoch").asInt(),
                                    c.get("studyKey").asText(),
                                    c.get("images").asInt()))
                    .isEqualTo(c.get("pick").asInt());
        }
    }

    @Test
    void ordersAreThoseOfTheReference() {
        assertThat(golden.get("order")).isNotEmpty();
        for (JsonNode c : golden.get("order")) {
            assertThat(draws(c).order(c.get("epoch").asInt(), c.get("studies").asInt()))
                    .containsExactly(GoldenCases.integers(c.get("order")));
        }
    }

    @Test
    void subsetsAreThoseOfTheReference() {
        assertThat(golden.get("subset")).isNotEmpty();
        for (JsonNode c : golden.get("subset")) {
            assertThat(draws(c).subset(
                                    c.get("epoch").asInt(),
                                    c.get("studyKey").asText(),
                                    view(c),
                                    c.get("sentences").asInt()))
                    .containsExactly(GoldenCases.integers(c.get("kept")));
        }
    }

    @Test
    void mirroredViewsAreThoseOfTheReference() {
        assertThat(golden.get("crop")).isNotEmpty();
        for (JsonNode c : golden.get("crop")) {
            assertThat(draws(c).mirrored(
                                    c.get("epoch").asInt(), c.get("studyKey").asText(), view(c)))
                    .isEqualTo(c.get("flip").asBoolean());
        }
    }

    @Test
    void theCropsStreamIsSeededByItsPurpose() {
        assertThat(new SenseDraws(20261)
                        .stream(SenseDraws.Purpose.CROP, 3, "s50414267", SenseDraws.View.MOMENTUM)
                                .nextLong())
                .isEqualTo(Seeds.stream(20261, "crop", 3, "s50414267", 2).nextLong());
    }

    @Test
    void initialPointsAreThoseOfTheReference() {
        assertThat(golden.get("kmeansInitial")).isNotEmpty();
        for (JsonNode c : golden.get("kmeansInitial")) {
            assertThat(draws(c).kmeansInitial(
                                    c.get("epoch").asInt(),
                                    c.get("points").asInt(),
                                    c.get("clusters").asInt()))
                    .containsExactly(GoldenCases.integers(c.get("indices")));
        }
    }

    @Test
    void aSubsetHasHalfOfTheSentencesOrMoreAndOneIsKeptWhole() {
        SenseDraws draws = new SenseDraws(7);
        int different = 0;
        for (int epoch = 0; epoch < 200; epoch++) {
            int[] normal = draws.subset(epoch, "s1", SenseDraws.View.NORMAL, 9);
            assertThat(normal).hasSizeBetween(5, 9).isSorted();
            different += Arrays.equals(normal, draws.subset(epoch, "s1", SenseDraws.View.MOMENTUM, 9)) ? 0 : 1;
            assertThat(draws.subset(epoch, "s1", SenseDraws.View.NORMAL, 1)).containsExactly(0);
        }
        assertThat(different).isGreaterThan(180);
    }

    @Test
    void impossibleDrawsAreRefused() {
        assertThatThrownBy(() -> new SenseDraws(1).subset(0, "s1", SenseDraws.View.NORMAL, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("sentences", ">= 1", "was 0");
        assertThatThrownBy(() -> new SenseDraws(1).kmeansInitial(0, 5, 6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("clusters", "1 to 5", "was 6");
    }
}
