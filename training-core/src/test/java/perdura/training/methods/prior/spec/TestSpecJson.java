package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.training.method.Methods;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;

class TestSpecJson {
    private static final PretrainSpecs SPECS = Methods.load().specs();

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "small", "paper"})
    void whatIsWrittenIsReadBack(String profile) {
        PretrainSpec spec = TestDefaults.defaults(profile);
        assertThat(SPECS.readStored(SPECS.write(spec))).isEqualTo(spec);
    }

    @Test
    void valuesOtherThanDefaultsAreReadBack() {
        PretrainSpec spec = changed(
                "\"experiment\": \"söme \\\"one\\\" \\u00e4\"",
                "\"seed\": 9007199254740991",
                "\"batchSize\": 24, \"microBatchSize\": 8",
                "\"validation\": {\"pairs\": 3}",
                "\"commit\": {\"every\": \"1500ms\", \"everySteps\": 3}",
                "\"resources\": {\"device\": \"cuda:0\", \"threads\": 3}",
                "\"optimizer\": {\"algorithm\": \"adamw\", \"clipNorm\": 0.25, \"epsilon\": 1.2345678901234567e-30}",
                "\"prepare\": {\"airflow\": {\"dag\": \"a.b\", \"conf\": {\"z\": [1, 2.5, null, \"yes\", \"1\"],"
                        + " \"a\": {\"t\": true, \"tab\": \"\\t\", \"1\": 1e300}}}}",
                "\"initialWeights\": {\"image\": \"" + "0f".repeat(32) + "\"}",
                "\"model\": {\"tau\": 0.1, \"gather\": \"mean\", \"lamActivation\": \"softmax\", \"maxScale\": 50,"
                        + " \"overlong\": \"lose-sep\","
                        + " \"spb\": {\"init\": \"sentence-kmeans\", \"initReports\": 5, \"query\": \"hard\","
                        + " \"tauSchedule\": \"linear\", \"tauStart\": 2, \"tauEnd\": 0.09, \"evaluationTau\": 0.1,"
                        + " \"lossMean\": \"reports\"}, \"ccr\": {\"mask\": \"spatial-cell\", \"maskProbability\": 0.25,"
                        + " \"block\": \"conv-relu-bn\", \"detachPatches\": true, \"detachTargets\": true,"
                        + " \"requeryNoise\": \"none\", \"sentenceLimit\": 3}}",
                "\"stages\": [{\"epochs\": 2}, {\"stage\": 3, \"modules\": [\"spb\", \"lam\"], \"lossWeights\":"
                        + " {\"crossImage\": 1, \"crossPatch\": 2}, \"learningRateFactors\": {\"text\": 0.05}}]");
        assertThat(SPECS.readStored(SPECS.write(spec))).isEqualTo(spec);
        assertThat(spec.initialWeights()).isEqualTo(new InitialWeightsSpec("0f".repeat(32), null));
        assertThat(spec.experiment()).isEqualTo("söme \"one\" ä");
        assertThat(PriorSpec.of(spec).stages()).extracting(StageSpec::stage).containsExactly(1, 3);
        assertThat(PriorSpec.of(spec).stages().get(1).modules())
                .containsExactly(StageSpec.Module.LAM, StageSpec.Module.SPB);
        assertThat(PriorSpec.of(spec).stages().get(1).lossWeights())
                .as("without ccr its defaults count as 0")
                .isEqualTo(new LossWeights(10, 1, 1, 10, 0, 0, 0, 0, 1, 2));
        assertThat(spec.optimizer().epsilon()).isEqualTo(1.2345678901234567e-30);
        assertThat(spec.microBatchSize()).isEqualTo(8);
        assertThat(PriorSpec.of(spec).model().text().overlong()).isEqualTo(Overlong.LOSE_SEP);
        assertThat(PriorSpec.of(spec).model().ccr().requeryNoise()).isEqualTo(CcrSpec.RequeryNoise.NONE);
        assertThat(PriorSpec.of(spec).model().sentenceLimit()).isEqualTo(3);
    }

    @Test
    void aDefaultThatIsWrittenOutIsTheSameSpec() {
        PretrainSpec said = changed("\"model\": {\"overlong\": \"keep-sep\", \"ccr\": {\"requeryNoise\": \"own\","
                + " \"sentenceLimit\": null}}, \"microBatchSize\": null");
        assertThat(SPECS.write(said)).isEqualTo(SPECS.write(changed("\"model\": {}")));
    }

    @Test
    void anIngestedDataSetIsReadBack() {
        PretrainSpec spec = changed("\"data\": {\"dataset\": \"mimic-cxr-prior\", \"split\": \"all\","
                + " \"allowedLeaks\": [{\"dataset\": \"chexpert-5x200\", \"reason\": \"both are synthetic\"}]}");
        assertThat(spec.data())
                .isEqualTo(new DataSpec(
                        "mimic-cxr-prior",
                        null,
                        DataSpec.Split.ALL,
                        List.of(new DataSpec.AllowedLeak("chexpert-5x200", "both are synthetic"))));
        assertThat(SPECS.readStored(SPECS.write(spec))).isEqualTo(spec);
        PretrainSpec pinned = spec.onDataset("0123456789abcdef");
        assertThat(SPECS.readStored(SPECS.write(pinned)).data().dataset()).isEqualTo("0123456789abcdef");
    }

    @Test
    void theHashIsOfWhatDecidesTheResult() {
        String hash = SPECS.identity(TestDefaults.defaults("tiny"));
        for (String unimportant : List.of(
                "\"name\": \"b\"",
                "\"experiment\": \"other\"",
                "\"commit\": {\"every\": \"1s\", \"keep\": 9}",
                "\"resources\": {\"device\": \"cpu\", \"threads\": 1}",
                "\"resume\": {\"environment\": \"refuse\"}",
                "\"prepare\": {\"airflow\": {\"dag\": \"a\", \"conf\": {\"n\": 1}}}",
                "\"data\": {\"root\": \"/elsewhere\", \"vocabulary\": \"/v.txt\", \"minSentences\": 1}",
                "\"validation\": {\"pairs\": 0}",
                "\"data\": {\"dataset\": \"0123456789abcdef\"}")) {
            assertThat(SPECS.identity(changed(unimportant))).as(unimportant).isEqualTo(hash);
        }
        List<String> important = List.of(
                "\"seed\": 1",
                "\"batchSize\": 16",
                "\"microBatchSize\": 8",
                "\"data\": {\"root\": \"/data\", \"split\": \"all\"}",
                "\"model\": {\"tau\": 0.08}",
                "\"augment\": {\"hflip\": true}",
                "\"initialWeights\": {\"image\": \"" + "a".repeat(64) + "\"}",
                "\"initialWeights\": {\"text\": \"" + "a".repeat(64) + "\"}",
                "\"model\": {\"maxScale\": 99}",
                "\"model\": {\"spb\": {\"tauEnd\": 0.02}}",
                "\"model\": {\"ccr\": {\"detachTargets\": true}}",
                "\"model\": {\"ccr\": {\"requeryNoise\": \"none\"}}",
                "\"model\": {\"ccr\": {\"sentenceLimit\": 7}}",
                "\"model\": {\"overlong\": \"lose-sep\"}",
                "\"stages\": [{\"epochs\": 21}]",
                "\"stages\": [{}]",
                "\"stages\": [{\"lossWeights\": {\"r2i\": 2}}]",
                "\"stages\": [{\"lossWeights\": {\"crossPatch\": 2}}]",
                "\"stages\": [{\"learningRateFactors\": {\"scales\": 2}}]",
                "\"optimizer\": {\"beta2\": 0.99}");
        Set<String> hashes = new LinkedHashSet<>(List.of(hash));
        important.forEach(change -> hashes.add(SPECS.identity(changed(change))));
        assertThat(hashes).hasSize(important.size() + 1);
    }

    /** The store's runs are found by it: it must not change by accident. */
    @Test
    void theHashOfTheTinyDefaultsIsPinned() {
        assertThat(SPECS.identity(TestDefaults.defaults("tiny")))
                .isEqualTo("2ac1c851bfe39d24f0459cbd816433324015a63dca08440dbca633599e3d4b82");
    }

    @Test
    void textThatIsNotASpecIsRefused() {
        assertThatThrownBy(() -> SPECS.readStored("{\"kind\": 3}"))
                .hasMessageContaining("stored spec: kind: expected Pretrain, was 3");
    }

    /** The defaults with some keys changed. */
    private static PretrainSpec changed(String... changes) {
        String all = String.join(",", changes);
        String name = all.contains("\"name\"") ? "" : "\"name\": \"a\",";
        String data = all.contains("\"data\"") ? "" : "\"data\": {\"root\": \"/data\"},";
        return SPECS.readStored(
                "{\"apiVersion\": \"perdura/v1\", \"kind\": \"Pretrain\", \"method\": \"prior\", \"profile\": \"tiny\","
                        + name + data + all + "}");
    }
}
