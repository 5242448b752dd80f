package perdura.datasets.seeds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import perdura.testkit.GoldenFolder;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestSeeds {
    private JsonNode golden;

    @BeforeAll
    void readGolden() throws IOException {
        Path folder = GoldenFolder.resolve("");
        golden = new ObjectMapper()
                .readTree(folder.resolve("sense").resolve("draws_cases.json").toFile());
    }

    @Test
    void hashesAgreeWithTheReference() {
        assertThat(golden.get("hash64")).isNotEmpty();
        for (JsonNode c : golden.get("hash64")) {
            Object[] parts = StreamSupport.stream(c.get("parts").spliterator(), false)
                    .map(part -> part.isTextual() ? part.asText() : (Object) part.asLong())
                    .toArray();
            assertThat(Seeds.hash64(parts)).as(c.toString()).isEqualTo(word(c.get("hash")));
        }
    }

    @Test
    void hashesMeetTheAnchors() {
        assertThat(Seeds.hash64()).isZero();
        assertThat(Seeds.hash64(0)).isEqualTo(0xa706dd2f4d197e6fL);
        assertThat(Seeds.hash64("")).isEqualTo(0xbccdfd9c96a18897L);
        assertThat(Seeds.hash64("12345678")).isEqualTo(0xdba8cfd5510ff9ebL);
        assertThat(Seeds.hash64("123456789")).isEqualTo(0x4c0500f6d11dd189L);
        assertThat(Seeds.hash64(20261, "pick", 3, "s50414267")).isEqualTo(0x56b603cb9fe5f491L);
    }

    @Test
    void anIntegerHashesAsTheLongOfTheSameValue() {
        assertThat(Seeds.hash64(-7, "a")).isEqualTo(Seeds.hash64(-7L, "a"));
    }

    @Test
    void aPartOfAnotherTypeIsRefused() {
        assertThatThrownBy(() -> Seeds.hash64(1.5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void streamsAgreeWithTheReference() {
        for (JsonNode c : golden.get("stream")) {
            RandomStream words = new RandomStream(word(c.get("seed")));
            c.get("next").forEach(next -> assertThat(words.nextLong()).isEqualTo(word(next)));
            RandomStream doubles = new RandomStream(word(c.get("seed")));
            c.get("nextDouble").forEach(next -> assertThat(doubles.nextDouble()).isEqualTo(next.asDouble()));
        }
    }

    @Test
    void theStreamOfTheOriginalSplitMix64IsMet() {
        RandomStream stream = new RandomStream(1234567);
        assertThat(new String[] {
                    Long.toUnsignedString(stream.nextLong()),
                    Long.toUnsignedString(stream.nextLong()),
                    Long.toUnsignedString(stream.nextLong())
                })
                .containsExactly("6457827717110365317", "3203168211198807973", "9817491932198370423");
    }

    @Test
    void boundedDrawsAgreeWithTheReference() {
        for (JsonNode c : golden.get("bounded")) {
            RandomStream stream = new RandomStream(word(c.get("seed")));
            c.get("values")
                    .forEach(value -> assertThat(stream.bounded(c.get("n").asInt()))
                            .as("n %s", c.get("n"))
                            .isEqualTo(value.asInt()));
        }
    }

    @Test
    void aBoundOfOneDrawsNothing() {
        RandomStream stream = new RandomStream(5);
        assertThat(stream.bounded(1)).isZero();
        assertThat(stream.nextLong()).isEqualTo(new RandomStream(5).nextLong());
    }

    @Test
    void picksAgreeWithTheReference() {
        for (JsonNode c : golden.get("pick")) {
            long hash = Seeds.hash64(
                    c.get("seed").asLong(),
                    "pick",
                    c.get("epoch").asInt(),
                    c.get("studyKey").asText());
            assertThat(Long.remainderUnsigned(hash, c.get("images").asLong()))
                    .as(c.toString())
                    .isEqualTo(c.get("pick").asLong());
        }
    }

    @Test
    void ordersAgreeWithTheReference() {
        for (JsonNode c : golden.get("order")) {
            int[] order = Seeds.stream(
                            c.get("seed").asLong(), "order", c.get("epoch").asInt())
                    .permutation(c.get("studies").asInt());
            assertThat(order).containsExactly(integers(c.get("order")));
        }
    }

    @Test
    void permutationsBeginAsTheReferenceSays() {
        for (JsonNode c : golden.get("kmeansInitial")) {
            int[] permutation = Seeds.stream(
                            c.get("seed").asLong(), "kmeans", c.get("epoch").asInt())
                    .permutation(c.get("points").asInt());
            assertThat(Arrays.copyOf(permutation, c.get("clusters").asInt()))
                    .containsExactly(integers(c.get("indices")));
        }
    }

    @Test
    void gaussianDrawsHaveMeanZeroAndVarianceOne() {
        RandomStream stream = new RandomStream(3);
        double[] draws = IntStream.range(0, 20_000)
                .mapToDouble(i -> stream.nextGaussian())
                .toArray();
        double mean = Arrays.stream(draws).average().orElseThrow();
        double square = Arrays.stream(draws).map(d -> d * d).average().orElseThrow();
        assertThat(mean).isBetween(-0.03, 0.03); // four standard errors of 1 / sqrt(20,000)
        assertThat(square).isBetween(0.96, 1.04); // four standard errors of sqrt(2 / 20,000)
    }

    private static long word(JsonNode hexadecimal) {
        return Long.parseUnsignedLong(hexadecimal.asText(), 16);
    }

    private static int[] integers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
