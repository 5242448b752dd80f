package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestSweepSchema {
    private static final String HEAD = """
            apiVersion: perdura/v1
            kind: Sweep
            name: toy-1
            task: toy
            objective: {metric: auroc, goal: max}
            """;

    private final Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(SweepSchema.write(KnownTasks.ALL));

    @Test
    void everyGridThatTheReaderTakesIsValid() throws IOException {
        List<String> grids = List.of(TestSweepReader.EVERY_KEY, HEAD, HEAD + """
                base: {model.depth: 2, clipNorm: ~}
                matrix:
                  model: {dim: [1, 2], blocks: [[1, 2], [3, 4]]}
                  clipNorm: [null, 1]
                  learningRate: {range: [1e-4, 5e-4, 1e-4], when: {clipNorm: 1}}
                """);
        for (String grid : grids) {
            TestSweepReader.read(grid);
            assertThat(validate(grid)).isEmpty();
            assertThat(validate(SweepJson.write(TestSweepReader.read(grid).spec())))
                    .isEmpty();
        }
    }

    /** So that the schema has each key of the reader, and no other: both refuse what they don't know. */
    @Test
    void itsKeysAreThoseOfTheReader() throws IOException {
        JsonNode own = new ObjectMapper().readTree(SweepSchema.write(List.of()));
        JsonNode every = new YAMLMapper().readTree(TestSweepReader.EVERY_KEY);
        try (InputStream in = Objects.requireNonNull(SweepSchema.class.getResourceAsStream("sweep.yaml"))) {
            JsonNode defaults = new YAMLMapper().readTree(in);
            for (String key : names(own.path("properties"))) {
                JsonNode below = own.path("properties").path(key).path("properties");
                Set<String> written = names(every.path(key));
                written.addAll(names(defaults.path(key)));
                if (!Set.of("base", "matrix").contains(key) && !below.isEmpty()) {
                    assertThat(names(below)).as(key).isEqualTo(written);
                }
            }
            Set<String> written = names(every);
            written.addAll(names(defaults));
            assertThat(names(own.path("properties"))).isEqualTo(written);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "concurency: 4",
                "base: {batchSize: many}",
                "base: {batchSize: 0}",
                "base: {learningRate: 0}",
                "base: {modle: {dim: 3}}",
                "base: {model: {dimm: 3}}",
                "base: {optimizer: adma}",
                "matrix: {batchSize: []}",
                "matrix: {batchSize: [1, 1]}",
                "matrix: {batchSize: 3}",
                "matrix: {batchSize: {rnage: [1, 2, 3]}}",
                "matrix: {batchSize: {range: [1, 2]}}",
                "matrix: {seeds: []}",
                "include: [{batchsize: 3}]",
                "constraints: [3]",
                "strategy: {kind: bayes}",
                "earlyStopping: {kind: asha, reduction: 1}",
                "priority: 9",
                "onFailure: stop",
            })
    void anEditorSeesMistakes(String line) throws IOException {
        assertThat(validate(HEAD + line + "\n")).isNotEmpty();
    }

    @Test
    void anEditorSeesWrongMetricsAndTasks() throws IOException {
        assertThat(validate(HEAD.replace("auroc", "acc"))).isNotEmpty();
        assertThat(validate(HEAD.replace("task: toy", "task: tyo"))).isNotEmpty();
        assertThat(validate(HEAD.replace("goal: max", "goal: max, split: test")))
                .isNotEmpty();
    }

    private List<Error> validate(String yaml) throws IOException {
        return schema.validate(new YAMLMapper().readTree(yaml));
    }

    private static Set<String> names(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
