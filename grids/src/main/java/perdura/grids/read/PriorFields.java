package perdura.grids.read;

import java.util.List;
import perdura.grids.spec.CcrSpec;
import perdura.grids.spec.LearningRateFactors;
import perdura.grids.spec.LossWeights;
import perdura.grids.spec.SpbSpec;
import perdura.grids.spec.StageSpec;
import perdura.grids.spec.StageSpec.Module;

/** Reads what PRIOR's later stages brought: the bank's and the decoders' switches, and the stages of the plan. */
final class PriorFields {
    /** What is returned for a plan without stages, whose problem is told. */
    static final StageSpec HARMLESS_STAGE = new StageSpec(
            1, 1, 0, 1, 0, 0, List.of(), new LossWeights(1, 0, 0, 0, 0, 0, 0, 0, 0), LearningRateFactors.ONE);

    private static final int GREATEST_STAGE = 9;
    private static final Interval TEMPERATURE = Interval.positiveUpTo(100);

    private PriorFields() {}

    static SpbSpec spb(Fields spb) {
        SpbSpec spec = new SpbSpec(
                spb.choice("init", SpbSpec.Init.values()),
                spb.integer("initReports", 1, PretrainFields.GREATEST_SIZE),
                spb.choice("query", SpbSpec.Query.values()),
                spb.choice("tauSchedule", SpbSpec.TauSchedule.values()),
                spb.number("tauStart", TEMPERATURE),
                spb.number("tauEnd", TEMPERATURE),
                spb.number("evaluationTau", TEMPERATURE),
                spb.choice("lossMean", SpbSpec.LossMean.values()));
        spb.refuseOtherKeys();
        return spec;
    }

    /** @param queries of the model */
    static CcrSpec ccr(Fields ccr, int queries) {
        Long limit = ccr.wholeNumberOrNull("sentenceLimit", 1);
        boolean fits = limit == null || limit <= queries;
        ccr.check(fits, "sentenceLimit", "must be <= model.queries = " + queries + ", was " + limit);
        CcrSpec spec = new CcrSpec(
                ccr.choice("mask", CcrSpec.Mask.values()),
                ccr.number("maskProbability", Interval.SHARE),
                ccr.choice("block", CcrSpec.Block.values()),
                ccr.flag("detachPatches"),
                ccr.flag("detachTargets"),
                ccr.choice("requeryNoise", CcrSpec.RequeryNoise.values()),
                limit != null && fits ? Integer.valueOf(limit.intValue()) : null);
        ccr.refuseOtherKeys();
        return spec;
    }

    static StageSpec stage(Fields stage) {
        List<Module> modules = stage.choices("modules", Module.values());
        if (modules.contains(Module.CCR)) {
            stage.check(
                    modules.contains(Module.LAM) && modules.contains(Module.SPB),
                    "modules",
                    "ccr needs lam and spb beside it");
        }
        StageSpec spec = new StageSpec(
                stage.integer("stage", 1, GREATEST_STAGE),
                stage.integer("epochs", 1, PretrainFields.GREATEST_SIZE),
                stage.wholeNumber("warmupSteps", 0, Integer.MAX_VALUE),
                stage.number("learningRate", Interval.POSITIVE),
                stage.number("startLearningRate", Interval.NOT_NEGATIVE),
                stage.number("endLearningRate", Interval.NOT_NEGATIVE),
                modules,
                lossWeights(stage, modules),
                learningRateFactors(stage.fields("learningRateFactors")));
        stage.refuseOtherKeys();
        return spec;
    }

    private static LossWeights lossWeights(Fields stage, List<Module> modules) {
        Fields weights = stage.fields("lossWeights");
        LossWeights spec = new LossWeights(
                weights.number("global", Interval.NOT_NEGATIVE),
                weight(weights, "r2i", modules, Module.LAM),
                weight(weights, "i2r", modules, Module.LAM),
                weight(weights, "proto", modules, Module.SPB),
                weight(weights, "img", modules, Module.CCR),
                weight(weights, "spg", modules, Module.CCR),
                weight(weights, "kl", modules, Module.CCR),
                weight(weights, "gpa", modules, Module.CCR),
                weight(weights, "crossImage", modules, Module.LAM),
                weight(weights, "crossPatch", modules, Module.LAM));
        weights.refuseOtherKeys();
        boolean isAnyPositive = spec.global()
                        + spec.r2i()
                        + spec.i2r()
                        + spec.proto()
                        + spec.img()
                        + spec.spg()
                        + spec.kl()
                        + spec.gpa()
                        + spec.crossImage()
                        + spec.crossPatch()
                > 0;
        stage.check(isAnyPositive, "lossWeights", "at least one weight must be > 0");
        return spec;
    }

    /** The weight of a module's term. Where the module is off, a default means nothing and a written weight is a mistake. */
    private static double weight(Fields weights, String key, List<Module> modules, Module module) {
        double weight = weights.number(key, Interval.NOT_NEGATIVE);
        if (modules.contains(module)) {
            return weight;
        }
        boolean isWritten = weights.placeOf(key).origin() != Place.Origin.DEFAULTS;
        weights.check(
                !isWritten || weight == 0,
                key,
                "must be 0 without the module " + Fields.word(module) + ", was " + weight);
        return 0;
    }

    private static LearningRateFactors learningRateFactors(Fields factors) {
        LearningRateFactors spec = new LearningRateFactors(
                factors.number("image", Interval.POSITIVE),
                factors.number("text", Interval.POSITIVE),
                factors.number("projection", Interval.POSITIVE),
                factors.number("lam", Interval.POSITIVE),
                factors.number("spb", Interval.POSITIVE),
                factors.number("ccr", Interval.POSITIVE),
                factors.number("scales", Interval.POSITIVE));
        factors.refuseOtherKeys();
        return spec;
    }
}
