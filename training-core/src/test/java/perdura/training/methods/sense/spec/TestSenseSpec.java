package perdura.training.methods.sense.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.training.methods.sense.model.Sense;
import perdura.training.nn.StateDictLayout;

class TestSenseSpec {
    private static final PretrainSpecs SPECS = new PretrainSpecs(List.of(SenseSchema.SCHEMA));
    /** Entries of Bio_ClinicalBERT's vocabulary. */
    private static final int VOCABULARY = 28_996;

    @TempDir
    private Path folder;

    private PretrainSpec read(String profile, String... settings) throws IOException {
        Path file = Files.writeString(
                folder.resolve("spec.yaml"),
                "apiVersion: perdura/v1\nkind: Pretrain\nname: a\nmethod: sense\nprofile: %s\ndata: {dataset: b}\n"
                        .formatted(profile));
        return SPECS.read(file, List.of(settings));
    }

    /** sense.md 0. */
    @Test
    void theProfilePaperIsThatOfTheSpecification() throws IOException {
        PretrainSpec spec = read("paper");
        SenseSpec own = SenseSpec.of(spec);
        assertThat(spec.batchSize()).isEqualTo(256);
        assertThat(own.model().imageSize()).isEqualTo(224);
        assertThat(own.model().dim()).isEqualTo(512);
        assertThat(own.model().text().pooling()).isEqualTo(ModelSpec.Pooling.MAX_MAX);
        assertThat(own.model().text().frozenLayers()).isEqualTo(6);
        assertThat(own.momentum()).isEqualTo(0.999);
        assertThat(own.queueLength()).isEqualTo(2048);
        assertThat(own.clusters().count()).isEqualTo(10_000);
        assertThat(own.losses().tau()).isEqualTo(0.1);
        assertThat(own.losses().tauPrototype()).isEqualTo(0.1);
        assertThat(own.lossWeights()).isEqualTo(new SenseSpec.LossWeights(1, 1, 1));
        assertThat(own.plan()).isEqualTo(new SenseSpec.Plan(50, 5, 4e-4));
        assertThat(spec.optimizer())
                .isEqualTo(new OptimizerSpec(OptimizerSpec.Algorithm.ADAMW, 0.9, 0.999, 1e-6, 1e-6, 0.25));
        assertThat(spec.stageNumbers()).containsExactly(1);
    }

    /** sense.md 2. */
    @Test
    void theProfilePaperHasTheParametersOfTheSpecification() throws IOException {
        Sense sense = new Sense(SenseSpec.of(read("paper")).model(), VOCABULARY);
        StateDictLayout layout = sense.layout();
        assertThat(layout.countParameters("image.backbone.")).isEqualTo(23_508_032);
        assertThat(layout.countParameters("text.bert.")).isEqualTo(108_310_272);
        List<String> frozen =
                layout.parameterNames().stream().filter(sense::isFrozen).toList();
        assertThat(layout.countNumbers(frozen)).isEqualTo(65_192_448);
        List<String> layers = layout.parameterNames().stream()
                .filter(name -> name.startsWith("text.bert.encoder.") && !sense.isFrozen(name))
                .toList();
        assertThat(layout.countNumbers(layers)).isEqualTo(42_527_232);
        for (String head : List.of("crossHead", "uniHead")) {
            assertThat(layout.countParameters("image." + head + ".")).isEqualTo(5_245_440);
            assertThat(layout.countParameters("text." + head + ".")).isEqualTo(984_320);
        }
        Sense shared = new Sense(
                SenseSpec.of(read("paper", "model.uniProjectors=false")).model(), VOCABULARY);
        assertThat(shared.layout().parameterNames()).noneMatch(name -> name.contains("uniHead"));
    }

    /** Keys of a longer queue are stale where the momentum is small: (1 - m) L/B stays at most 0.05. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny", "small", "paper"})
    void noProfileHasAStaleQueue(String profile) throws IOException {
        PretrainSpec spec = read(profile);
        SenseSpec own = SenseSpec.of(spec);
        assertThat((1 - own.momentum()) * own.queueLength() / spec.batchSize()).isLessThanOrEqualTo(0.05 + 1e-12);
    }

    @Test
    void aSpecIsWrittenAndReadAgain() throws IOException {
        PretrainSpec spec = read("tiny", "losses.mmcForm=queue-label", "clusters.emptyClusters=largest");
        assertThat(SPECS.readStored(SPECS.write(spec))).isEqualTo(spec);
    }

    @Test
    void theMemoryOfKMeansDecidesNothing() throws IOException {
        assertThat(SPECS.identity(read("tiny", "clusters.memoryMib=7"))).isEqualTo(SPECS.identity(read("tiny")));
        assertThat(SPECS.identity(read("tiny", "clusters.iterations=7"))).isNotEqualTo(SPECS.identity(read("tiny")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "queueLength=15 | queueLength",
                "momentum=1 | momentum",
                "model.bertHeads=3 | model.bertHeads",
                "model.sentenceLength=129 | model.sentenceLength",
                "model.frozenLayers=3 | model.frozenLayers",
                "model.pooling=max model.reportLength=129 | model.reportLength",
                "warmupEpochs=31 | warmupEpochs",
                "losses.tau=0 | losses.tau",
                "losses.mmcForm=queue-label clusters.fusion=concat | losses.mmcAnchor",
                "losses.mmcForm=queue-label clusters.concentration=true | clusters.concentration",
                "losses.clusterMask=true lossWeights.mmc=0 | losses.clusterMask",
                "lossWeights.cmc=0 lossWeights.mmc=0 lossWeights.umc=0 | lossWeights.cmc",
                "lossWeights.cmc=0 lossWeights.umc=0 clusters.fromEpoch=1 | clusters.fromEpoch",
                "clusters.fromEpoch=30 | clusters.fromEpoch"
            })
    void whatDoesNotFitIsToldWithItsPlace(String settings, String path) {
        assertThatThrownBy(() -> read("tiny", settings.split(" ")))
                .isInstanceOfSatisfying(PerduraException.class, fault -> {
                    assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(fault).hasMessageContaining(path + ": ").hasMessageNotContaining("\n");
                });
    }

    @Test
    void clustersBeginAtTheirEpochAndWithTheirLoss() throws IOException {
        SenseSpec late = SenseSpec.of(read("tiny", "clusters.fromEpoch=2"));
        assertThat(late.isClustered(1)).isFalse();
        assertThat(late.isClustered(2)).isTrue();
        assertThat(SenseSpec.of(read("tiny", "lossWeights.mmc=0")).isClustered(5))
                .isFalse();
    }
}
