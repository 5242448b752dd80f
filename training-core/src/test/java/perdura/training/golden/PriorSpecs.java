package perdura.training.golden;

import java.util.List;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.ResnetSpec;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.Gather;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;
import perdura.training.methods.prior.spec.StageSpec.Module;

/** PRIOR's switches and stages as its specification has them (prior.md 2.7 to 2.9). */
public final class PriorSpecs {
    public static final SpbSpec SPB = new SpbSpec(
            SpbSpec.Init.GAUSSIAN_L1,
            600,
            15,
            SpbSpec.Query.SOFT,
            SpbSpec.TauSchedule.EXPONENTIAL,
            0.9,
            0.01,
            0.01,
            SpbSpec.LossMean.SENTENCES);
    public static final CcrSpec CCR = new CcrSpec(
            CcrSpec.Mask.CHANNEL, 0.5, CcrSpec.Block.CONV_BN_RELU, false, false, CcrSpec.RequeryNoise.OWN, null);

    private PriorSpecs() {}

    /** Stage 1, 2 or 3 with a schedule for tests. */
    public static StageSpec stage(int number, int epochs) {
        return new StageSpec(
                number, epochs, 5, 2e-3, 1e-4, 0, modules(number), weights(number), LearningRateFactors.ONE);
    }

    /** What is on in stage 1, 2 or 3. */
    public static List<Module> modules(int stage) {
        return List.of(Module.values()).subList(0, stage);
    }

    /** The loss weights of stage 1, 2 or 3. */
    public static LossWeights weights(int stage) {
        return switch (stage) {
            case 1 -> new LossWeights(1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
            case 2 -> new LossWeights(1, 1, 1, 10, 0, 0, 0, 0, 0, 0);
            case 3 -> new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 0, 0);
            default -> throw new IllegalArgumentException("PRIOR has stages 1 to 3, not " + stage);
        };
    }

    /** A model that trains in milliseconds: images of 64 pixels, 5 queries, 20 prototypes, {@code dim} 24. */
    public static ModelSpec tiny(LamActivation activation, double dropout, SpbSpec spb, CcrSpec ccr) {
        return new ModelSpec(
                new ModelSpec.Image(64, new ResnetSpec(List.of(1, 1, 1, 1), 4), 4),
                new ModelSpec.Text(16, Overlong.KEEP_SEP, new BertSpec(32, 2, 4, 48, 16), dropout),
                new ModelSpec.Heads(24, Gather.ATTENTION, 6, 3, false, activation, 12),
                20,
                new ModelSpec.Decoders(5, new ModelSpec.Decoders.SentenceDecoder(2, 4, 40), List.of(24, 16, 12, 8, 6)),
                0.07,
                100,
                spb,
                ccr);
    }

    /** PRIOR at the sizes of the paper. */
    public static ModelSpec paper() {
        return new ModelSpec(
                new ModelSpec.Image(224, new ResnetSpec(List.of(3, 4, 6, 3), 64), 8),
                new ModelSpec.Text(256, Overlong.KEEP_SEP, new BertSpec(768, 12, 12, 3072, 512), 0.1),
                new ModelSpec.Heads(768, Gather.ATTENTION, 96, 8, false, LamActivation.SIGMOID, 384),
                512,
                new ModelSpec.Decoders(
                        16, new ModelSpec.Decoders.SentenceDecoder(6, 12, 3072), List.of(768, 384, 192, 96, 48)),
                0.01,
                100,
                SPB,
                CCR);
    }
}
