package perdura.training.methods.prior.spec;

import static perdura.grids.codec.Codecs.numbered;
import static perdura.grids.codec.Codecs.orNull;
import static perdura.grids.codec.Codecs.real;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Codecs.wholeLong;
import static perdura.grids.codec.Codecs.wholes;
import static perdura.grids.codec.Codecs.wordSet;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import perdura.grids.codec.Codec;
import perdura.grids.codec.Field;
import perdura.grids.codec.MethodSchema;
import perdura.grids.codec.RecordCodec;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.ParameterType.Real;
import perdura.grids.spec.ResnetSpec;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.Decoders;
import perdura.training.methods.prior.spec.ModelSpec.Decoders.SentenceDecoder;
import perdura.training.methods.prior.spec.ModelSpec.Heads;
import perdura.training.methods.prior.spec.ModelSpec.Image;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.methods.prior.spec.ModelSpec.Text;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;
import perdura.training.methods.prior.spec.StageSpec.Module;

/** Declares the fields of PRIOR's part of a spec. */
public final class PriorSchema {
    /** Raised when the code changes what a spec computes. */
    private static final int VERSION = 1;

    private static final int GREATEST_STAGE = 9;
    /** Nearest resizing by 2 from the patch grid to the image, 32 times as large. */
    private static final int IMAGE_DECODER_BLOCKS = 5;

    private static final Codec<Integer> SIZE = whole(1, 1 << 20);
    private static final Codec<Double> TEMPERATURE = real(Real.positiveUpTo(100));

    private static final RecordCodec<ResnetSpec> RESNET = RecordCodec.of(
            ResnetSpec.class,
            field("blocks", wholes(4, 1, 1000)).means("bottleneck blocks of the four layers"),
            field("width", SIZE).means("channels of the first convolution; layer4 has 32 times as many"));

    private static final RecordCodec<Image> IMAGE = RecordCodec.of(
                    Image.class,
                    field("imageSize", whole(32, 8192)).means("side of the square input, pixels, a multiple of 32"),
                    part("resnet", RESNET).prefixed(),
                    field("imagePoolHeads", SIZE).means("of the attention pool over patches"))
            .check((image, fit) -> {
                fit.require(
                        image.imageSize() % 32 == 0, "imageSize", "must be a multiple of 32, was " + image.imageSize());
                fit.divides(
                        "imagePoolHeads",
                        image.imagePoolHeads(),
                        "resnetWidth",
                        "32 x resnetWidth",
                        image.resnet().channels());
            });

    private static final RecordCodec<BertSpec> BERT = RecordCodec.of(
                    BertSpec.class,
                    field("hidden", SIZE).means("width of a token"),
                    field("layers", SIZE).means("of the transformer"),
                    field("heads", SIZE).means("of its attention"),
                    field("ffn", SIZE).means("inner width of its feed-forward layers"),
                    field("positions", SIZE).means("most tokens of a text"))
            .check((bert, fit) -> fit.divides("heads", bert.heads(), "hidden", fit.key("hidden"), bert.hidden()));

    private static final RecordCodec<Text> TEXT = RecordCodec.of(
                    Text.class,
                    field("textLength", whole(3, 1 << 20)).means("tokens of a report with [CLS] and [SEP]"),
                    field("overlong").means("whether a report of more tokens ends with [SEP]"),
                    part("bert", BERT).prefixed(),
                    field("dropout", real(Real.share()))
                            .means("of the text encoder")
                            .published(0.1))
            .check((text, fit) -> fit.requireFit(
                    text.textLength() <= text.bert().positions(),
                    "textLength",
                    "bertPositions",
                    "must be <= bertPositions = " + text.bert().positions() + ", was " + text.textLength()));

    private static final RecordCodec<Heads> HEADS = RecordCodec.of(
                    Heads.class,
                    field("dim", SIZE).means("joint width of images and reports"),
                    field("gather").means("how tokens become sentences"),
                    field("tokenPoolDim", SIZE).means("inner width of that attention"),
                    field("sentencePoolHeads", SIZE).means("of the attention pool over sentences"),
                    field("globalTextProjection").means("whether a projection follows that pool"),
                    field("lamActivation").means("what turns the logits of local alignment into weights"),
                    field("predictorDim", SIZE).means("inner width of SimSiam's predictor"))
            .check((heads, fit) ->
                    fit.divides("sentencePoolHeads", heads.sentencePoolHeads(), "dim", "dim", heads.dim()));

    private static final RecordCodec<SentenceDecoder> SENTENCE_DECODER = RecordCodec.of(
            SentenceDecoder.class,
            field("layers", SIZE).means("of the sentence decoder"),
            field("heads", SIZE).means("of its attention"),
            field("ffn", SIZE).means("inner width of its feed-forward layers"));

    private static final RecordCodec<Decoders> DECODERS = RecordCodec.of(
            Decoders.class,
            field("queries", SIZE).means("of the sentence decoder: first sentences of a report that take part"),
            part("decoder", SENTENCE_DECODER).prefixed(),
            field("imageDecoderChannels", wholes(IMAGE_DECODER_BLOCKS, 1, 1 << 20))
                    .means("of the image decoder's blocks"));

    private static final RecordCodec<SpbSpec> SPB = RecordCodec.of(
            SpbSpec.class,
            field("init")
                    .means("first rows of the prototype bank; `sentence-kmeans`: from sentences, at the start of the"
                            + " first stage with the bank")
                    .published("gaussian-l1"),
            field("initReports", SIZE).means("reports that `sentence-kmeans` reads at least"),
            field("initRounds", whole(1, 1000)).means("rounds of k-means that `sentence-kmeans` makes"),
            field("query").means("the mix of all rows, or the greatest").published("soft"),
            field("tauSchedule").means("how the temperature falls over all steps with the bank"),
            field("tauStart", TEMPERATURE).means("of their first step"),
            field("tauEnd", TEMPERATURE).means("after their last step; unused by `fixed`"),
            field("evaluationTau", TEMPERATURE).means("in evaluation, without noise"),
            field("lossMean").means("what L_proto is the mean over"));

    private static final RecordCodec<CcrSpec> CCR = RecordCodec.of(
            CcrSpec.class,
            field("mask").means("what of the image embedding is hidden from the image decoder"),
            field("maskProbability", real(Real.share())).means("share that is hidden"),
            field("block").means("order of the layers in the image decoder"),
            field("detachPatches").means("L_img leaves the encoders alone"),
            field("detachTargets").means("L_spg and L_kl leave their targets alone"),
            field("requeryNoise").means("of L_gpa's question to the bank"),
            field("sentenceLimit", orNull(SIZE))
                    .means("first sentences of a report that take part; null: `model.queries`"));

    private static final RecordCodec<ModelSpec> MODEL = RecordCodec.of(
                    ModelSpec.class,
                    part("image", IMAGE),
                    part("text", TEXT),
                    part("heads", HEADS),
                    field("prototypes", SIZE).means("rows of the sentence prototype bank"),
                    part("decoders", DECODERS),
                    field("tau", real(Real.positiveShare()))
                            .means("initial temperature of both contrasts")
                            .published(0.01),
                    field("maxScale", real(Real.closed(1, 1e4)))
                            .means("what both contrastive scales are capped at after every step"),
                    field("spb", SPB).means("the prototype bank"),
                    field("ccr", CCR).means("the reconstruction"))
            .check((model, fit) -> {
                fit.divides("decoderHeads", model.decoders().decoder().heads(), "dim", "dim", model.dim());
                fit.require(
                        model.sentenceLimit() <= model.queries(),
                        "ccr",
                        "sentenceLimit",
                        "must be <= model.queries = " + model.queries() + ", was " + model.sentenceLimit());
            });

    private static final RecordCodec<AugmentSpec> AUGMENT = RecordCodec.of(
            AugmentSpec.class,
            field("rotationDegrees", real(Real.closed(0, 180))).means("uniform in plus or minus this many"),
            field("hflip").means("whether half of the images are mirrored").published(true),
            field("shuffleSentences").means("whether the sentence order is drawn anew at every access"));

    private static final RecordCodec<LossWeights> LOSS_WEIGHTS = RecordCodec.of(
            LossWeights.class,
            weight("global", "L_glob"),
            weight("r2i", "L_r2i"),
            weight("i2r", "L_i2r"),
            weight("proto", "L_proto"),
            weight("img", "L_img"),
            weight("spg", "L_spg"),
            weight("kl", "L_kl"),
            weight("gpa", "L_gpa"),
            weight(
                            "crossImage",
                            "InfoNCE of each sentence with its evidence from every image of the batch; not PRIOR's")
                    .published(0),
            weight(
                            "crossPatch",
                            "InfoNCE of each sentence over all patches of the batch by the logits of A_v, those of its"
                                    + " own image being right; not PRIOR's")
                    .published(0));

    private static final RecordCodec<LearningRateFactors> FACTORS = RecordCodec.of(
            LearningRateFactors.class,
            factor("image", "image encoder and its attention pool"),
            factor("text", "BERT and both text pools"),
            factor("projection", "the linear layers into the joint space"),
            factor("lam", "local alignment and SimSiam's predictor"),
            factor("spb", "the prototype bank"),
            factor("ccr", "both decoders and the queries"),
            factor("scales", "both contrastive scales"));

    private static final RecordCodec<StageSpec> STAGE = RecordCodec.of(
                    StageSpec.class,
                    field("stage", whole(1, GREATEST_STAGE)).means("number of the stage; ascending"),
                    field("epochs", SIZE).means("passes over the data"),
                    field("warmupSteps", wholeLong(0, Integer.MAX_VALUE))
                            .means("steps of linear warm-up, before the cosine"),
                    field("learningRate", real(Real.positive())).means("after the warm-up"),
                    field("startLearningRate", real(Real.notNegative())).means("of step 0"),
                    field("endLearningRate", real(Real.notNegative())).means("where the cosine ends"),
                    field("modules", wordSet(Module.class))
                            .means("what is on besides the encoders; `ccr` needs both others"),
                    field("lossWeights", LOSS_WEIGHTS).means("a term of weight 0 is not computed"),
                    field("learningRateFactors", FACTORS).means("what the rate is multiplied with, by module"))
            .then(PriorSchema::fitted);

    /** What PRIOR tells of its part of a spec. */
    public static final MethodSchema<PriorSpec> SCHEMA = new MethodSchema<>(
            PriorSpec.NAME,
            VERSION,
            RecordCodec.of(
                    PriorSpec.class,
                    field("model", MODEL).means("sizes and switches"),
                    field("augment", AUGMENT).means("of the training batches"),
                    field("stages", numbered("stage", STAGE)).means("the plan")),
            List.of("tiny", "small", "paper"),
            Map.of("data.minSentences", 4));

    private PriorSchema() {}

    private static Field<Double> weight(String key, String meaning) {
        return field(key, real(Real.notNegative())).means(meaning);
    }

    private static Field<Double> factor(String key, String meaning) {
        return field(key, real(Real.positive())).means(meaning).published(1);
    }

    /** Where a module is off, a default weight of its terms means nothing, and a written one is a mistake. */
    private static StageSpec fitted(StageSpec stage, RecordCodec.Fit fit) {
        fit.require(
                !stage.has(Module.CCR) || (stage.has(Module.LAM) && stage.has(Module.SPB)),
                "modules",
                "ccr needs lam and spb beside it");
        LossWeights all = stage.lossWeights();
        LossWeights own = new LossWeights(
                all.global(),
                weight(stage, fit, "r2i", all.r2i(), Module.LAM),
                weight(stage, fit, "i2r", all.i2r(), Module.LAM),
                weight(stage, fit, "proto", all.proto(), Module.SPB),
                weight(stage, fit, "img", all.img(), Module.CCR),
                weight(stage, fit, "spg", all.spg(), Module.CCR),
                weight(stage, fit, "kl", all.kl(), Module.CCR),
                weight(stage, fit, "gpa", all.gpa(), Module.CCR),
                weight(stage, fit, "crossImage", all.crossImage(), Module.LAM),
                weight(stage, fit, "crossPatch", all.crossPatch(), Module.LAM));
        double sum = DoubleStream.of(
                        own.global(),
                        own.r2i(),
                        own.i2r(),
                        own.proto(),
                        own.img(),
                        own.spg(),
                        own.kl(),
                        own.gpa(),
                        own.crossImage(),
                        own.crossPatch())
                .sum();
        fit.require(sum > 0, "lossWeights", "at least one weight must be > 0");
        return stage.with(own);
    }

    private static double weight(StageSpec stage, RecordCodec.Fit fit, String key, double weight, Module module) {
        if (stage.has(module)) {
            return weight;
        }
        boolean isWritten = fit.isWritten("lossWeights", key);
        fit.require(
                !isWritten || weight == 0,
                "lossWeights",
                key,
                "must be 0 without the module " + module.name().toLowerCase(Locale.ROOT) + ", was " + weight);
        return 0;
    }
}
