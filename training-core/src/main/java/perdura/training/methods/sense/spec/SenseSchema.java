package perdura.training.methods.sense.spec;

import static perdura.grids.codec.Codecs.real;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Codecs.wholes;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;

import java.util.List;
import java.util.Map;
import perdura.grids.codec.Codec;
import perdura.grids.codec.MethodSchema;
import perdura.grids.codec.RecordCodec;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.ParameterType.Real;
import perdura.grids.spec.ResnetSpec;
import perdura.training.methods.sense.spec.LossSpec.MmcAnchor;
import perdura.training.methods.sense.spec.LossSpec.MmcForm;
import perdura.training.methods.sense.spec.ModelSpec.Image;
import perdura.training.methods.sense.spec.ModelSpec.Pooling;
import perdura.training.methods.sense.spec.ModelSpec.Text;
import perdura.training.methods.sense.spec.SenseSpec.Augment;
import perdura.training.methods.sense.spec.SenseSpec.LossWeights;
import perdura.training.methods.sense.spec.SenseSpec.Plan;

/** Declares the fields of SENSE's part of a spec. */
public final class SenseSchema {
    /** Raised when the code changes what a spec computes. */
    private static final int VERSION = 2;

    private static final Codec<Integer> SIZE = whole(1, 1 << 20);
    private static final Codec<Double> TEMPERATURE = real(Real.positiveUpTo(100));
    private static final Codec<Double> WEIGHT = real(Real.notNegative());

    private static final RecordCodec<ResnetSpec> RESNET = RecordCodec.of(
            ResnetSpec.class,
            field("blocks", wholes(4, 1, 1000)).means("blocks of the four layers"),
            field("width", SIZE).means("channels of the first convolution"));

    private static final RecordCodec<Image> IMAGE = RecordCodec.of(
            Image.class,
            field("imageSize", whole(32, 8192)).means("side of the square input, pixels"),
            field("resnetBlock").means("`bottleneck` as in ResNet-50, or `basic` as in ResNet-18"),
            part("resnet", RESNET).prefixed());

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
                    field("pooling")
                            .means("`max-max`: each sentence is encoded alone; `max`: all sentences as one text")
                            .published("max-max"),
                    field("poolSpecials").means("whether [CLS] and [SEP] take part in the maximum"),
                    field("sentenceLength", whole(3, 1 << 20))
                            .means("tokens of a sentence with [CLS] and [SEP]; what is longer is cut"),
                    field("sentences", SIZE).means("first sentences of a report that take part"),
                    field("reportLength", whole(3, 1 << 20))
                            .means("tokens of a whole report with [CLS] and [SEP], read by pooling `max`"),
                    part("bert", BERT).prefixed(),
                    field("dropout", real(Real.share())).means("of the text encoder"),
                    field("frozenEmbeddings").means("whether the text encoder's embeddings stay as they are"),
                    field("frozenLayers", whole(0, 1 << 20))
                            .means("first layers of the text encoder that stay as they are"))
            .check((text, fit) -> {
                int positions = text.bert().positions();
                boolean isJoined = text.pooling() == Pooling.MAX;
                String length = isJoined ? "reportLength" : "sentenceLength";
                int tokens = isJoined ? text.reportLength() : text.sentenceLength();
                fit.requireFit(
                        tokens <= positions,
                        length,
                        "bertPositions",
                        "must be <= bertPositions = " + positions + ", was " + tokens);
                fit.requireFit(
                        text.frozenLayers() <= text.bert().layers(),
                        "frozenLayers",
                        "bertLayers",
                        "must be <= bertLayers = " + text.bert().layers() + ", was " + text.frozenLayers());
            });

    private static final RecordCodec<ModelSpec> MODEL = RecordCodec.of(
            ModelSpec.class,
            part("image", IMAGE),
            part("text", TEXT),
            field("dim", SIZE).means("width D of all projectors' outputs"),
            field("uniProjectors")
                    .means("whether S-UMC has projectors and queues of its own")
                    .published(true));

    private static final RecordCodec<ClusterSpec> CLUSTERS = RecordCodec.of(
            ClusterSpec.class,
            field("count", SIZE).means("clusters K, at most one for each study").published(10_000),
            field("fromEpoch", whole(0, 1 << 20))
                    .means("first epoch that has clusters; S-MMC and `losses.clusterMask` are off before"),
            field("iterations", whole(1, 10_000)).means("most rounds of K-means"),
            field("warmStart").means("whether K-means begins with the centroids of the epoch before"),
            field("emptyClusters")
                    .means("an empty cluster takes half of one that is drawn by size (`scan`), or of the `largest`"),
            field("studyImages").means("a study's feature is made of `all` its images, or of the `sampled` one"),
            field("fusion").means("how the features of images and report are joined"),
            field("concentration").means("whether each cluster has a temperature of its own"),
            field("shardStudies", SIZE).means("studies whose features are computed at a time"),
            field("memoryMib", whole(1, 1 << 24))
                    .means("what K-means takes at most beside features and centroids, MiB. Changes no bit")
                    .decidesNothing());

    private static final RecordCodec<LossSpec> LOSSES = RecordCodec.of(
            LossSpec.class,
            field("tau", TEMPERATURE).means("temperature of S-CMC and S-UMC"),
            field("tauPrototype", TEMPERATURE).means("temperature of S-MMC's prototypes"),
            field("inBatchNegatives").means("whether other keys of the batch are candidates, beside the queue's"),
            field("sameStudyKeys").means("other keys of the anchor's study are dropped, or positives too"),
            field("clusterMask").means("whether S-CMC and S-UMC leave out candidates of the anchor's cluster"),
            field("mmcForm").means("S-MMC contrasts with centroids, or with labelled keys"),
            field("mmcAnchor").means("what S-MMC's anchors are"),
            field("symmetricViews").means("whether a step runs the swapped views too, and takes the mean"));

    private static final RecordCodec<LossWeights> LOSS_WEIGHTS = RecordCodec.of(
                    LossWeights.class,
                    field("cmc", WEIGHT).means("lambda, of S-CMC"),
                    field("mmc", WEIGHT).means("beta, of S-MMC; 0: there are no clusters"),
                    field("umc", WEIGHT).means("gamma, of S-UMC"))
            .check((weights, fit) -> fit.require(
                    weights.cmc() + weights.mmc() + weights.umc() > 0, "cmc", "at least one weight must be > 0"));

    private static final RecordCodec<Augment> AUGMENT = RecordCodec.of(
            Augment.class,
            field("crop").means("random resized crops, or the whole image"),
            field("hflip").means("whether half of the images are mirrored"),
            field("sentenceSubset").means("random subsets of the sentences, or all"));

    private static final RecordCodec<Plan> PLAN = RecordCodec.of(
                    Plan.class,
                    field("epochs", SIZE).means("passes over the data"),
                    field("warmupEpochs", whole(0, 1 << 20)).means("epochs of linear warm-up, before the cosine"),
                    field("learningRate", real(Real.positive())).means("after the warm-up"))
            .check((plan, fit) -> fit.requireFit(
                    plan.warmupEpochs() <= plan.epochs(),
                    "warmupEpochs",
                    "epochs",
                    "must be <= epochs = " + plan.epochs() + ", was " + plan.warmupEpochs()));

    /** What SENSE tells of its part of a spec. */
    public static final MethodSchema<SenseSpec> SCHEMA = new MethodSchema<>(
            SenseSpec.NAME,
            VERSION,
            RecordCodec.of(
                            SenseSpec.class,
                            field("model", MODEL).means("sizes and switches"),
                            field("momentum", real(Real.share()))
                                    .means("coefficient m of the moving average of weights"),
                            field("queueLength", SIZE)
                                    .means("keys L that each queue holds; at least `batchSize`")
                                    .published(2048),
                            field("clusters", CLUSTERS).means("of the studies, in each epoch"),
                            field("losses", LOSSES).means("how they are taken"),
                            field("lossWeights", LOSS_WEIGHTS).means("a loss of weight 0 is not computed"),
                            field("augment", AUGMENT).means("how the two views of a study differ"),
                            part("plan", PLAN))
                    .check(SenseSchema::checkFit),
            List.of("tiny", "small", "paper"),
            Map.of("optimizer.algorithm", "adamw"));

    private SenseSchema() {}

    private static void checkFit(SenseSpec spec, RecordCodec.Fit fit) {
        LossSpec losses = spec.losses();
        ClusterSpec clusters = spec.clusters();
        fit.require(
                losses.mmcForm() == MmcForm.PROTO
                        || losses.mmcAnchor() == MmcAnchor.FUSED
                        || clusters.fusion() == ClusterSpec.Fusion.MEAN,
                "losses",
                "mmcAnchor",
                "must be fused where mmcForm is queue-label and clusters.fusion is concat: a key has both modalities"
                        + " there");
        fit.require(
                losses.mmcForm() == MmcForm.PROTO || !clusters.concentration(),
                "clusters",
                "concentration",
                "must be false where losses.mmcForm is queue-label, which has no prototypes");
        fit.require(
                !losses.clusterMask() || spec.lossWeights().mmc() > 0,
                "losses",
                "clusterMask",
                "must be false where lossWeights.mmc is 0: there are no clusters then");
        fit.require(
                clusters.fromEpoch() == 0
                        || spec.lossWeights().cmc() + spec.lossWeights().umc() > 0,
                "clusters",
                "fromEpoch",
                "must be 0 where lossWeights.mmc alone is > 0: nothing would be learned before, was "
                        + clusters.fromEpoch());
        fit.require(
                spec.lossWeights().mmc() == 0
                        || clusters.fromEpoch() < spec.plan().epochs(),
                "clusters",
                "fromEpoch",
                "must be < epochs = " + spec.plan().epochs() + ", was " + clusters.fromEpoch()
                        + "; to train without clusters take lossWeights.mmc 0");
    }
}
