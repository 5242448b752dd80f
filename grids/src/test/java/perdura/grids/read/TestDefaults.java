package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.CcrSpec;
import perdura.grids.spec.CommitSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.Deviations;
import perdura.grids.spec.LearningRateFactors;
import perdura.grids.spec.LossWeights;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PrepareSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.ResumeSpec;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SpbSpec;
import perdura.grids.spec.StageSpec;
import perdura.grids.spec.ValidationSpec;

/** Pins every default. A change here changes what existing specs mean. */
class TestDefaults {
    private static final OptimizerSpec ADAM =
            new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null);
    private static final SpbSpec SPB = new SpbSpec(
            SpbSpec.Init.GAUSSIAN_L1,
            600,
            SpbSpec.Query.SOFT,
            SpbSpec.TauSchedule.EXPONENTIAL,
            0.9,
            0.01,
            0.01,
            SpbSpec.LossMean.SENTENCES);
    private static final CcrSpec CCR = new CcrSpec(CcrSpec.Mask.CHANNEL, 0.5, CcrSpec.Block.CONV_BN_RELU, false, false);
    private static final LossWeights ALIGN = new LossWeights(1, 1, 1, 0, 0, 0, 0, 0, 0);
    private static final LossWeights BANK = new LossWeights(1, 1, 1, 10, 0, 0, 0, 0, 0);
    private static final LossWeights RECONSTRUCT = new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 0);
    private static final LearningRateFactors ONE = new LearningRateFactors(1, 1, 1, 1, 1, 1, 1);

    private static List<StageSpec.Module> modules(int stage) {
        return List.of(StageSpec.Module.LAM, StageSpec.Module.SPB, StageSpec.Module.CCR)
                .subList(0, stage);
    }

    @Test
    void paperWasCalledFullBefore() {
        assertThat(defaults("full")).isEqualTo(defaults("paper"));
    }

    @Test
    void thePaperProfileIsTheSpecification() {
        PretrainSpec spec = defaults("paper");
        assertThat(spec.model())
                .isEqualTo(new ModelSpec(
                        224,
                        List.of(3, 4, 6, 3),
                        64,
                        8,
                        256,
                        768,
                        12,
                        12,
                        3072,
                        512,
                        0.1,
                        768,
                        96,
                        8,
                        384,
                        512,
                        16,
                        6,
                        12,
                        3072,
                        List.of(768, 384, 192, 96, 48),
                        ModelSpec.Gather.ATTENTION,
                        ModelSpec.LamActivation.SIGMOID,
                        false,
                        0.01,
                        100,
                        SPB,
                        CCR,
                        ModelSpec.Overlong.KEEP_SEP));
        assertThat(spec.augment()).isEqualTo(new AugmentSpec(5, true, true));
        assertThat(spec.batchSize()).isEqualTo(128);
        assertThat(spec.stages())
                .containsExactly(
                        new StageSpec(1, 20, 1425, 1e-5, 1e-7, 0, modules(1), ALIGN, ONE),
                        new StageSpec(2, 30, 1425, 1e-5, 1e-7, 0, modules(2), BANK, ONE),
                        new StageSpec(3, 50, 7125, 1e-5, 1e-7, 0, modules(3), RECONSTRUCT, ONE));
        checkWhatBothShare(spec);
    }

    @Test
    void theTinyProfileHasTheSizesThatLearnInMinutes() {
        PretrainSpec spec = defaults("tiny");
        assertThat(spec.model())
                .isEqualTo(new ModelSpec(
                        64,
                        List.of(1, 1, 1, 1),
                        8,
                        4,
                        64,
                        64,
                        2,
                        4,
                        128,
                        64,
                        0,
                        64,
                        16,
                        4,
                        32,
                        64,
                        8,
                        2,
                        4,
                        128,
                        List.of(64, 32, 16, 8, 4),
                        ModelSpec.Gather.ATTENTION,
                        ModelSpec.LamActivation.SIGMOID,
                        false,
                        0.07,
                        100,
                        SPB,
                        CCR,
                        ModelSpec.Overlong.KEEP_SEP));
        assertThat(spec.augment()).isEqualTo(new AugmentSpec(5, false, true));
        assertThat(spec.batchSize()).isEqualTo(32);
        assertThat(spec.stages())
                .containsExactly(
                        new StageSpec(1, 20, 30, 1e-3, 1e-7, 0, modules(1), ALIGN, ONE),
                        new StageSpec(2, 3, 30, 5e-4, 1e-7, 0, modules(2), BANK, ONE),
                        new StageSpec(3, 6, 30, 5e-4, 1e-7, 0, modules(3), RECONSTRUCT, ONE));
        checkWhatBothShare(spec);
    }

    @Test
    void theSmallProfileIsTinyWithWhatSmallDataNeeds() {
        PretrainSpec spec = defaults("small");
        PretrainSpec tiny = defaults("tiny");
        assertThat(spec.model().imageSize()).isEqualTo(96);
        assertThat(spec.model().textLength()).isEqualTo(96);
        assertThat(spec.model().spb().init()).isEqualTo(SpbSpec.Init.SENTENCE_KMEANS);
        assertThat(spec.model().tau()).isEqualTo(0.07);
        assertThat(spec.model().resnetWidth()).isEqualTo(tiny.model().resnetWidth());
        assertThat(spec.augment()).isEqualTo(tiny.augment());
        assertThat(spec.batchSize()).isEqualTo(32);
        DataSpec.Source source = Objects.requireNonNull(spec.data().source());
        assertThat(source.minSentences()).isEqualTo(1);
        assertThat(spec.optimizer()).isEqualTo(ADAM);
        assertThat(spec.validation()).isEqualTo(new ValidationSpec(512));
        assertThat(spec.stages())
                .containsExactly(
                        new StageSpec(
                                1,
                                16,
                                30,
                                1e-3,
                                1e-7,
                                0,
                                modules(1),
                                new LossWeights(1, 1, 1, 0, 0, 0, 0, 0, 1, 3),
                                ONE),
                        new StageSpec(
                                2,
                                3,
                                30,
                                5e-4,
                                1e-7,
                                0,
                                modules(2),
                                new LossWeights(1, 1, 1, 10, 0, 0, 0, 0, 1, 3),
                                new LearningRateFactors(1, 0.05, 1, 2, 0.2, 1, 1)),
                        new StageSpec(
                                3,
                                6,
                                30,
                                5e-4,
                                1e-7,
                                0,
                                modules(3),
                                new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 1, 10),
                                new LearningRateFactors(1, 0.05, 1, 2, 0.2, 4, 1)));
    }

    @Test
    void whatLeavesTheMethodIsNamed() {
        assertThat(Deviations.of(defaults("paper"))).isEmpty();
        assertThat(Deviations.of(defaults("tiny")))
                .containsExactly(
                        "model.tau 0.07 (PRIOR: 0.01)",
                        "model.dropout 0.0 (PRIOR: 0.1)",
                        "augment.hflip false (PRIOR: true)");
        assertThat(Deviations.of(defaults("small")))
                .contains(
                        "data.minSentences 1 (PRIOR: 4)",
                        "model.spb.init sentence-kmeans (PRIOR: gaussian-l1)",
                        "stage 1 lossWeights.crossImage 1.0 (PRIOR: 0)",
                        "stage 1 lossWeights.crossPatch 3.0 (PRIOR: 0)",
                        "stage 2 learningRateFactors.text 0.05 (PRIOR: 1)",
                        "stage 3 learningRateFactors.spb 0.2 (PRIOR: 1)");
    }

    private static void checkWhatBothShare(PretrainSpec spec) {
        assertThat(spec.experiment()).isEqualTo("perdura");
        assertThat(spec.seed()).isEqualTo(114514);
        DataSpec.Source source = Objects.requireNonNull(spec.data().source());
        assertThat(source.set()).isEqualTo(SourceSet.MIMIC_CXR);
        assertThat(source.vocabulary()).isEqualTo(source.root().resolve("vocab.txt"));
        assertThat(spec.data().split()).isEqualTo(DataSpec.Split.TRAIN);
        assertThat(source.minSentences()).isEqualTo(4);
        assertThat(spec.optimizer()).isEqualTo(ADAM);
        assertThat(spec.commit()).isEqualTo(new CommitSpec(Duration.ofSeconds(60), null, 3));
        assertThat(spec.resources()).isEqualTo(new ResourceSpec("auto", 0));
        assertThat(spec.resume()).isEqualTo(new ResumeSpec(ResumeSpec.Environment.RECORD));
        assertThat(spec.prepare()).isEqualTo(PrepareSpec.NONE);
        assertThat(spec.validation()).isEqualTo(new ValidationSpec(512));
    }

    static PretrainSpec defaults(String profile) {
        return SpecJson.read("""
                {"apiVersion": "perdura/v1", "kind": "Pretrain", "name": "a", "method": "prior", "profile": "%s",
                 "data": {"root": "/data"}}
                """.formatted(profile));
    }
}
