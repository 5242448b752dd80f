package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.PretrainSpec.PrepareSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.grids.spec.PretrainSpec.ValidationSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SourceSet;
import perdura.training.method.Methods;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;

/** Pins every default. A change here changes what existing specs mean. */
class TestDefaults {
    private static final PretrainSpecs SPECS = Methods.load().specs();
    private static final OptimizerSpec ADAM =
            new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null);
    private static final SpbSpec SPB = new SpbSpec(
            SpbSpec.Init.GAUSSIAN_L1,
            600,
            15,
            SpbSpec.Query.SOFT,
            SpbSpec.TauSchedule.EXPONENTIAL,
            0.9,
            0.01,
            0.01,
            SpbSpec.LossMean.SENTENCES);
    private static final CcrSpec CCR = new CcrSpec(
            CcrSpec.Mask.CHANNEL, 0.5, CcrSpec.Block.CONV_BN_RELU, false, false, CcrSpec.RequeryNoise.OWN, null);
    private static final LossWeights ALIGN = new LossWeights(1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
    private static final LossWeights BANK = new LossWeights(1, 1, 1, 10, 0, 0, 0, 0, 0, 0);
    private static final LossWeights RECONSTRUCT = new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 0, 0);
    private static final LearningRateFactors ONE = new LearningRateFactors(1, 1, 1, 1, 1, 1, 1);

    private static List<StageSpec.Module> modules(int stage) {
        return List.of(StageSpec.Module.LAM, StageSpec.Module.SPB, StageSpec.Module.CCR)
                .subList(0, stage);
    }

    @Test
    void thePaperProfileIsTheSpecification() {
        PretrainSpec spec = defaults("paper");
        assertThat(PriorSpec.of(spec).model())
                .isEqualTo(new ModelSpec(
                        new ModelSpec.Image(224, new ResnetSpec(List.of(3, 4, 6, 3), 64), 8),
                        new ModelSpec.Text(256, Overlong.KEEP_SEP, new BertSpec(768, 12, 12, 3072, 512), 0.1),
                        new ModelSpec.Heads(
                                768, ModelSpec.Gather.ATTENTION, 96, 8, false, ModelSpec.LamActivation.SIGMOID, 384),
                        512,
                        new ModelSpec.Decoders(
                                16,
                                new ModelSpec.Decoders.SentenceDecoder(6, 12, 3072),
                                List.of(768, 384, 192, 96, 48)),
                        0.01,
                        100,
                        SPB,
                        CCR));
        assertThat(PriorSpec.of(spec).augment()).isEqualTo(new AugmentSpec(5, true, true));
        assertThat(spec.batchSize()).isEqualTo(128);
        assertThat(PriorSpec.of(spec).stages())
                .containsExactly(
                        new StageSpec(1, 20, 1425, 1e-5, 1e-7, 0, modules(1), ALIGN, ONE),
                        new StageSpec(2, 30, 1425, 1e-5, 1e-7, 0, modules(2), BANK, ONE),
                        new StageSpec(3, 50, 7125, 1e-5, 1e-7, 0, modules(3), RECONSTRUCT, ONE));
        checkWhatBothShare(spec);
    }

    @Test
    void theTinyProfileHasTheSizesThatLearnInMinutes() {
        PretrainSpec spec = defaults("tiny");
        assertThat(PriorSpec.of(spec).model())
                .isEqualTo(new ModelSpec(
                        new ModelSpec.Image(64, new ResnetSpec(List.of(1, 1, 1, 1), 8), 4),
                        new ModelSpec.Text(64, Overlong.KEEP_SEP, new BertSpec(64, 2, 4, 128, 64), 0),
                        new ModelSpec.Heads(
                                64, ModelSpec.Gather.ATTENTION, 16, 4, false, ModelSpec.LamActivation.SIGMOID, 32),
                        64,
                        new ModelSpec.Decoders(
                                8, new ModelSpec.Decoders.SentenceDecoder(2, 4, 128), List.of(64, 32, 16, 8, 4)),
                        0.07,
                        100,
                        SPB,
                        CCR));
        assertThat(PriorSpec.of(spec).augment()).isEqualTo(new AugmentSpec(5, false, true));
        assertThat(spec.batchSize()).isEqualTo(32);
        assertThat(PriorSpec.of(spec).stages())
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
        assertThat(PriorSpec.of(spec).model().imageSize()).isEqualTo(96);
        assertThat(PriorSpec.of(spec).model().textLength()).isEqualTo(96);
        assertThat(PriorSpec.of(spec).model().spb().init()).isEqualTo(SpbSpec.Init.SENTENCE_KMEANS);
        assertThat(PriorSpec.of(spec).model().tau()).isEqualTo(0.07);
        assertThat(PriorSpec.of(spec).model().image().resnet().width())
                .isEqualTo(PriorSpec.of(tiny).model().image().resnet().width());
        assertThat(PriorSpec.of(spec).augment()).isEqualTo(PriorSpec.of(tiny).augment());
        assertThat(spec.batchSize()).isEqualTo(32);
        DataSpec.Source source = Objects.requireNonNull(spec.data().source());
        assertThat(source.minSentences()).isEqualTo(1);
        assertThat(spec.optimizer()).isEqualTo(ADAM);
        assertThat(spec.execution().validation()).isEqualTo(new ValidationSpec(512));
        assertThat(PriorSpec.of(spec).stages())
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
        assertThat(SPECS.deviations(defaults("paper"))).isEmpty();
        assertThat(SPECS.deviations(defaults("tiny")))
                .containsExactly(
                        "model.dropout 0 (PRIOR: 0.1)",
                        "model.tau 0.07 (PRIOR: 0.01)",
                        "augment.hflip false (PRIOR: true)");
        assertThat(SPECS.deviations(defaults("small")))
                .contains(
                        "data.minSentences 1 (PRIOR: 4)",
                        "model.spb.init sentence-kmeans (PRIOR: gaussian-l1)",
                        "stage 1 lossWeights.crossImage 1 (PRIOR: 0)",
                        "stage 1 lossWeights.crossPatch 3 (PRIOR: 0)",
                        "stage 2 learningRateFactors.text 0.05 (PRIOR: 1)",
                        "stage 3 learningRateFactors.spb 0.2 (PRIOR: 1)");
    }

    private static void checkWhatBothShare(PretrainSpec spec) {
        assertThat(spec.experiment()).isEqualTo("perdura");
        assertThat(spec.seed()).isEqualTo(114514);
        DataSpec.Source source = Objects.requireNonNull(spec.data().source());
        assertThat(source.format()).isEqualTo(SourceSet.MIMIC_CXR);
        assertThat(source.vocabulary()).isEqualTo(source.root().resolve("vocab.txt"));
        assertThat(spec.data().split()).isEqualTo(DataSpec.Split.TRAIN);
        assertThat(source.minSentences()).isEqualTo(4);
        assertThat(spec.optimizer()).isEqualTo(ADAM);
        assertThat(spec.execution().commit()).isEqualTo(new CommitSpec(Duration.ofSeconds(60), null, 3));
        assertThat(spec.execution().resources()).isEqualTo(new ResourceSpec("auto", 0));
        assertThat(spec.execution().resume()).isEqualTo(new ResumeSpec(ResumeSpec.Environment.RECORD));
        assertThat(spec.execution().prepare()).isEqualTo(PrepareSpec.NONE);
        assertThat(spec.execution().validation()).isEqualTo(new ValidationSpec(512));
    }

    static PretrainSpec defaults(String profile) {
        return SPECS.readStored("""
                {"apiVersion": "perdura/v1", "kind": "Pretrain", "name": "a", "method": "prior", "profile": "%s",
                 "data": {"root": "/data"}}
                """.formatted(profile));
    }
}
