package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import perdura.testkit.GoldenCases;

class TestSiimNegatives {
    @Test
    void theChosenImagesAreThoseOfTheReference() {
        JsonNode cases = GoldenCases.read("sense/data_cases").get("siimNegatives");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            Samples samples = Samples.withoutPatients(GoldenCases.texts(c.get("negatives")));
            RowList chosen = SiimNegatives.choose(
                    samples,
                    samples.rows(),
                    c.get("positives").asInt(),
                    c.get("seed").asLong());
            assertThat(chosen.stream().mapToObj(samples.ids()::get))
                    .containsExactlyElementsOf(GoldenCases.texts(c.get("chosen")));
        }
    }
}
