package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.InitialWeightsSpec;
import perdura.grids.spec.PretrainSpec;

class TestSpecJson {
    @ParameterizedTest
    @ValueSource(strings = {"tiny", "full"})
    void whatIsWrittenIsReadBack(String profile) {
        PretrainSpec spec = TestDefaults.defaults(profile);
        assertThat(SpecJson.read(SpecJson.write(spec))).isEqualTo(spec);
    }

    @Test
    void valuesOtherThanDefaultsAreReadBack() {
        PretrainSpec spec = changed(
                "\"experiment\": \"söme \\\"one\\\" \\u00e4\"",
                "\"seed\": 9007199254740991",
                "\"commit\": {\"every\": \"1500ms\", \"everySteps\": 3}",
                "\"resources\": {\"device\": \"cuda:0\", \"threads\": 3}",
                "\"optimizer\": {\"algorithm\": \"adamw\", \"clipNorm\": 0.25, \"epsilon\": 1.2345678901234567e-30}",
                "\"initialWeights\": {\"image\": \"" + "0f".repeat(32) + "\"}",
                "\"model\": {\"tau\": 0.1, \"gather\": \"mean\", \"lamActivation\": \"softmax\"}");
        assertThat(SpecJson.read(SpecJson.write(spec))).isEqualTo(spec);
        assertThat(spec.initialWeights()).isEqualTo(new InitialWeightsSpec("0f".repeat(32), null));
        assertThat(spec.experiment()).isEqualTo("söme \"one\" ä");
        assertThat(spec.optimizer().epsilon()).isEqualTo(1.2345678901234567e-30);
    }

    @Test
    void theHashIsOfWhatDecidesTheResult() {
        String hash = SpecJson.hash(TestDefaults.defaults("tiny"));
        for (String unimportant : List.of(
                "\"name\": \"b\"",
                "\"experiment\": \"other\"",
                "\"commit\": {\"every\": \"1s\", \"keep\": 9}",
                "\"resources\": {\"device\": \"cpu\", \"threads\": 1}",
                "\"resume\": {\"environment\": \"refuse\"}",
                "\"data\": {\"root\": \"/elsewhere\", \"vocabulary\": \"/v.txt\"}")) {
            assertThat(SpecJson.hash(changed(unimportant))).as(unimportant).isEqualTo(hash);
        }
        List<String> important = List.of(
                "\"seed\": 1",
                "\"batchSize\": 16",
                "\"data\": {\"root\": \"/data\", \"split\": \"all\"}",
                "\"data\": {\"root\": \"/data\", \"minSentences\": 1}",
                "\"model\": {\"tau\": 0.08}",
                "\"augment\": {\"hflip\": true}",
                "\"initialWeights\": {\"image\": \"" + "a".repeat(64) + "\"}",
                "\"initialWeights\": {\"text\": \"" + "a".repeat(64) + "\"}",
                "\"stages\": [{\"epochs\": 21}]",
                "\"optimizer\": {\"beta2\": 0.99}");
        Set<String> hashes = new LinkedHashSet<>(List.of(hash));
        important.forEach(change -> hashes.add(SpecJson.hash(changed(change))));
        assertThat(hashes).hasSize(important.size() + 1);
    }

    /** The store's runs are found by it: it must not change by accident. */
    @Test
    void theHashOfTheTinyDefaultsIsPinned() {
        assertThat(SpecJson.hash(TestDefaults.defaults("tiny")))
                .isEqualTo("6d04956eaad53e6266e5eca9b90e0b53ff90fd9cd4dde31a1d46da58745fd008");
    }

    @Test
    void textThatIsNotASpecIsRefused() {
        assertThatThrownBy(() -> SpecJson.read("{\"kind\": 3}"))
                .hasMessageContaining("stored spec:1:10: kind: expected Pretrain, was 3");
    }

    /** The defaults with some keys changed. */
    private static PretrainSpec changed(String... changes) {
        String all = String.join(",", changes);
        String name = all.contains("\"name\"") ? "" : "\"name\": \"a\",";
        String data = all.contains("\"data\"") ? "" : "\"data\": {\"root\": \"/data\"},";
        return SpecJson.read(
                "{\"apiVersion\": \"perdura/v1\", \"kind\": \"Pretrain\", \"method\": \"prior\", \"profile\": \"tiny\","
                        + name + data + all + "}");
    }
}
