package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.PerduraException;

class TestRatioSplit {
    private static Split split(Samples samples, Split.Unit unit, long seed) {
        return RatioSplit.sixTwoTwo("s", samples, samples.rows(), unit, seed);
    }

    private static List<Integer> sizes(Split split) {
        return split.parts().values().stream().map(part -> part.rows().size()).toList();
    }

    @Test
    void rsnaAndSiimHaveThePublishedSizes() {
        assertThat(sizes(split(SplitCases.numbered(26_684), Split.Unit.SAMPLE, 114514)))
                .containsExactly(16_010, 5_337, 5_337);
        assertThat(sizes(split(SplitCases.numbered(12_047), Split.Unit.SAMPLE, 114514)))
                .containsExactly(7_229, 2_409, 2_409);
    }

    @Test
    void partsAgreeWithASecondReadingOfTheRule() {
        for (JsonNode c : SplitCases.read("ratio")) {
            Split split = split(
                    SplitCases.numbered(c.get("n").asInt()),
                    Split.Unit.SAMPLE,
                    c.get("seed").asLong());
            c.get("parts").properties().forEach(part -> {
                assertThat(split.rows(part.getKey()).size())
                        .isEqualTo(part.getValue().get("size").asInt());
                assertThat(SplitCases.digest(split.rows(part.getKey())))
                        .isEqualTo(part.getValue().get("sha256").asText());
            });
        }
    }

    @Test
    void noPatientIsInTwoPartsAndTheSizesAreStillThose() {
        Random random = new Random(5);
        int n = 10_003;
        Samples samples = new Samples(
                SplitCases.numbered(n).ids(),
                IntStream.range(0, n).mapToObj(i -> "p" + random.nextInt(3_000)).toList());
        Split split = split(samples, Split.Unit.PATIENT, 114514);
        assertThat(sizes(split)).containsExactly(6_001, 2_001, 2_001);
        Map<String, String> partOfPatient = new HashMap<>();
        split.parts()
                .forEach((name, part) -> part.rows().stream()
                        .forEach(row -> assertThat(partOfPatient.computeIfAbsent(
                                        samples.patients().get(row), p -> name))
                                .isEqualTo(name)));
    }

    @Test
    void patientsOfOneSampleEachAreSplitLikeSamples() {
        Samples samples = SplitCases.numbered(77);
        assertThat(split(samples, Split.Unit.PATIENT, 3).parts())
                .isEqualTo(split(samples, Split.Unit.SAMPLE, 3).parts());
    }

    @Test
    void anotherSeedGivesAnotherSplit() {
        Samples samples = SplitCases.numbered(77);
        assertThat(split(samples, Split.Unit.SAMPLE, 3).rows("test"))
                .isNotEqualTo(split(samples, Split.Unit.SAMPLE, 4).rows("test"));
    }

    @Test
    void tooFewPatientsAreRefused() {
        Samples samples =
                new Samples(SplitCases.numbered(9).ids(), List.of("a", "a", "a", "a", "a", "b", "b", "b", "b"));
        assertThatThrownBy(() -> split(samples, Split.Unit.PATIENT, 1))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("is empty")
                .hasMessageContaining("too few samples or patients");
    }
}
