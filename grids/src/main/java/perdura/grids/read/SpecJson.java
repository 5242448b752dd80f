package perdura.grids.read;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.AirflowSpec;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.CcrSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.InitialWeightsSpec;
import perdura.grids.spec.LearningRateFactors;
import perdura.grids.spec.LossWeights;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.SpbSpec;
import perdura.grids.spec.StageSpec;

/** A spec as canonical JSON, which the store keeps: the same keys as in YAML, every default written out. */
public final class SpecJson {
    /** Raised when the code changes what a spec computes. */
    private static final int IDENTITY_VERSION = 3;

    private SpecJson() {}

    /** The whole spec. {@link #read} gives an equal one. */
    public static String write(PretrainSpec spec) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("apiVersion", PretrainFields.API_VERSION);
        json.put("kind", PretrainFields.KIND);
        json.put("name", spec.name());
        json.put("experiment", spec.experiment());
        json.put("profile", spec.profile());
        json.putAll(computation(spec));
        json.put("data", data(spec.data()));
        Map<String, @Nullable Object> commit = new LinkedHashMap<>();
        commit.put("every", spec.commit().every().toString());
        commit.put("everySteps", spec.commit().everySteps());
        commit.put("keep", spec.commit().keep());
        json.put("commit", commit);
        int threads = spec.resources().threads();
        json.put(
                "resources",
                Map.of("device", spec.resources().device(), "threads", threads == 0 ? (Object) "auto" : threads));
        json.put("resume", Map.of("environment", Fields.word(spec.resume().environment())));
        json.put("prepare", prepare(spec));
        json.put("validation", Map.of("pairs", spec.validation().pairs()));
        return CanonicalJson.write(json);
    }

    /**
     * Reads what {@link #write} wrote. Keys that are newer than the text take their defaults; whether the data is there is
     * not checked.
     *
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC, with all problems
     */
    public static PretrainSpec read(String json) {
        Problems problems = new Problems();
        SpecNode.Mapping document =
                YamlText.parseDocument(Place.start(Place.Origin.FILE, "stored spec"), json, problems);
        problems.throwIfAny();
        Path root = Path.of("/");
        PretrainSpec spec =
                new PretrainFields(Defaults.under(document), root, root, WeightNames.digestsAlone(), problems).read();
        problems.throwIfAny();
        return spec;
    }

    /**
     * SHA-256 of all that decides the result of a run, besides the data set, which has a digest of its own: names, paths,
     * devices, the times of commits, what prepares the data and what the run is validated on don't.
     */
    public static String hash(PretrainSpec spec) {
        Map<String, @Nullable Object> identity = computation(spec);
        identity.put("identity", IDENTITY_VERSION);
        identity.put("split", Fields.word(spec.data().split()));
        return CanonicalJson.sha256(identity);
    }

    private static Map<String, @Nullable Object> computation(PretrainSpec spec) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("method", Fields.word(spec.method()));
        json.put("seed", spec.seed());
        json.put("batchSize", spec.batchSize());
        if (spec.batchChunk() != null) { // a run without keeps the identity from before there were chunks
            json.put("batchChunk", spec.batchChunk());
        }
        json.put("model", model(spec.model()));
        json.put("initialWeights", initialWeights(spec.initialWeights()));
        json.put("augment", augment(spec.augment()));
        List<Object> stages = new ArrayList<>();
        spec.stages().forEach(stage -> stages.add(stage(stage)));
        json.put("stages", stages);
        json.put("optimizer", optimizer(spec.optimizer()));
        return json;
    }

    private static Map<String, @Nullable Object> data(DataSpec data) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        DataSpec.Source source = data.source();
        if (source == null) {
            json.put("dataset", data.dataset());
        } else {
            json.put("format", source.set().word());
            json.put("root", source.root().toString());
            json.put("vocabulary", source.vocabulary().toString());
            json.put("minSentences", source.minSentences());
        }
        json.put("split", Fields.word(data.split()));
        json.put(
                "allowedLeaks",
                data.allowedLeaks().stream()
                        .map(leak -> Map.of("dataset", leak.dataset(), "reason", leak.reason()))
                        .toList());
        return json;
    }

    private static Map<String, @Nullable Object> prepare(PretrainSpec spec) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        AirflowSpec airflow = spec.prepare().airflow();
        if (airflow == null) {
            json.put("airflow", null);
        } else {
            Map<String, @Nullable Object> dag = new LinkedHashMap<>();
            dag.put("dag", airflow.dag());
            dag.put("conf", airflow.conf());
            json.put("airflow", dag);
        }
        return json;
    }

    private static Map<String, @Nullable Object> model(ModelSpec model) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("imageSize", model.imageSize());
        json.put("resnetBlocks", model.resnetBlocks());
        json.put("resnetWidth", model.resnetWidth());
        json.put("imagePoolHeads", model.imagePoolHeads());
        json.put("textLength", model.textLength());
        json.put("bertHidden", model.bertHidden());
        json.put("bertLayers", model.bertLayers());
        json.put("bertHeads", model.bertHeads());
        json.put("bertFfn", model.bertFfn());
        json.put("bertPositions", model.bertPositions());
        json.put("dropout", model.dropout());
        json.put("dim", model.dim());
        json.put("tokenPoolDim", model.tokenPoolDim());
        json.put("sentencePoolHeads", model.sentencePoolHeads());
        json.put("predictorDim", model.predictorDim());
        json.put("prototypes", model.prototypes());
        json.put("queries", model.queries());
        json.put("decoderLayers", model.decoderLayers());
        json.put("decoderHeads", model.decoderHeads());
        json.put("decoderFfn", model.decoderFfn());
        json.put("imageDecoderChannels", model.imageDecoderChannels());
        json.put("gather", Fields.word(model.gather()));
        json.put("lamActivation", Fields.word(model.lamActivation()));
        json.put("globalTextProjection", model.globalTextProjection());
        json.put("tau", model.tau());
        json.put("maxScale", model.maxScale());
        json.put("spb", spb(model.spb()));
        json.put("ccr", ccr(model.ccr()));
        if (model.overlong()
                != ModelSpec.Overlong.KEEP_SEP) { // younger than the identities of stored specs, which must stay
            json.put("overlong", Fields.word(model.overlong()));
        }
        return json;
    }

    private static Map<String, @Nullable Object> spb(SpbSpec spb) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("init", Fields.word(spb.init()));
        json.put("initReports", spb.initReports());
        json.put("query", Fields.word(spb.query()));
        json.put("tauSchedule", Fields.word(spb.tauSchedule()));
        json.put("tauStart", spb.tauStart());
        json.put("tauEnd", spb.tauEnd());
        json.put("evaluationTau", spb.evaluationTau());
        json.put("lossMean", Fields.word(spb.lossMean()));
        return json;
    }

    private static Map<String, @Nullable Object> ccr(CcrSpec ccr) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("mask", Fields.word(ccr.mask()));
        json.put("maskProbability", ccr.maskProbability());
        json.put("block", Fields.word(ccr.block()));
        json.put("detachPatches", ccr.detachPatches());
        json.put("detachTargets", ccr.detachTargets());
        if (ccr.requeryNoise() != CcrSpec.RequeryNoise.OWN) { // as above
            json.put("requeryNoise", Fields.word(ccr.requeryNoise()));
        }
        if (ccr.sentenceLimit() != null) {
            json.put("sentenceLimit", ccr.sentenceLimit());
        }
        return json;
    }

    private static Map<String, @Nullable Object> initialWeights(InitialWeightsSpec initial) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("image", initial.image());
        json.put("text", initial.text());
        return json;
    }

    private static Map<String, @Nullable Object> augment(AugmentSpec augment) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("rotationDegrees", augment.rotationDegrees());
        json.put("hflip", augment.hflip());
        json.put("shuffleSentences", augment.shuffleSentences());
        return json;
    }

    private static Map<String, @Nullable Object> stage(StageSpec stage) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("stage", stage.stage());
        json.put("epochs", stage.epochs());
        json.put("warmupSteps", stage.warmupSteps());
        json.put("learningRate", stage.learningRate());
        json.put("startLearningRate", stage.startLearningRate());
        json.put("endLearningRate", stage.endLearningRate());
        json.put("modules", stage.modules().stream().map(Fields::word).toList());
        json.put("lossWeights", lossWeights(stage.lossWeights()));
        json.put("learningRateFactors", learningRateFactors(stage.learningRateFactors()));
        return json;
    }

    private static Map<String, @Nullable Object> lossWeights(LossWeights weights) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("global", weights.global());
        json.put("r2i", weights.r2i());
        json.put("i2r", weights.i2r());
        json.put("proto", weights.proto());
        json.put("img", weights.img());
        json.put("spg", weights.spg());
        json.put("kl", weights.kl());
        json.put("gpa", weights.gpa());
        json.put("crossImage", weights.crossImage());
        if (weights.crossPatch() != 0) { // younger than the identities of stored specs, which must stay
            json.put("crossPatch", weights.crossPatch());
        }
        return json;
    }

    private static Map<String, @Nullable Object> learningRateFactors(LearningRateFactors factors) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("image", factors.image());
        json.put("text", factors.text());
        json.put("projection", factors.projection());
        json.put("lam", factors.lam());
        json.put("spb", factors.spb());
        json.put("ccr", factors.ccr());
        json.put("scales", factors.scales());
        return json;
    }

    private static Map<String, @Nullable Object> optimizer(OptimizerSpec optimizer) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("algorithm", Fields.word(optimizer.algorithm()));
        json.put("beta1", optimizer.beta1());
        json.put("beta2", optimizer.beta2());
        json.put("epsilon", optimizer.epsilon());
        json.put("weightDecay", optimizer.weightDecay());
        json.put("clipNorm", optimizer.clipNorm());
        return json;
    }
}
