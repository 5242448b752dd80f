package perdura.grids.read;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.AirflowSpec;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.CommitSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.InitialWeightsSpec;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PrepareSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.ResumeSpec;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.StageSpec;
import perdura.grids.spec.ValidationSpec;

/** Reads a complete document as a {@link PretrainSpec}. Whether its files are there is not looked at. */
final class PretrainFields {
    static final String API_VERSION = "perdura/v1";
    static final String KIND = "Pretrain";
    static final List<String> PROFILES = List.of("tiny", "small", "paper");
    /** What {@code paper} was called before there were three stages; stored specs have it. */
    private static final String OLD_PAPER = "full";

    /** The greatest integer that canonical JSON keeps exactly. */
    private static final long GREATEST_SEED = (1L << 53) - 1;
    /** Beyond any real model; keeps products of sizes within an int. */
    static final int GREATEST_SIZE = 1 << 20;

    static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,59}");
    static final Pattern EXPERIMENT = Pattern.compile("\\P{Cntrl}{1,200}");
    private static final Pattern DATASET = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");
    private static final Pattern WEIGHTS = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    /** What Airflow allows, besides the names that a URL takes for a step up. */
    private static final Pattern DAG = Pattern.compile("(?!\\.{1,2}$)[\\w.-]{1,250}", Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda:[0-9]{1,3}");
    /** Nearest resizing by 2 from the patch grid to the image, 32 times as large. */
    private static final int IMAGE_DECODER_BLOCKS = 5;

    private final Fields root;
    private final Fields data;
    private final Path folder;
    private final Path workingFolder;
    private final WeightNames weights;

    /**
     * @param document the user's document over its defaults
     * @param folder where the spec file lies: a relative data root in it begins here
     * @param workingFolder where a relative path of a flag begins
     * @param weights the imported weights that there are
     */
    PretrainFields(SpecNode.Mapping document, Path folder, Path workingFolder, WeightNames weights, Problems problems) {
        this.root = new Fields(document, problems);
        this.folder = folder;
        this.workingFolder = workingFolder;
        this.weights = weights;
        this.data = root.fields("data");
    }

    PretrainSpec read() {
        root.text("apiVersion", Pattern.compile(Pattern.quote(API_VERSION)), API_VERSION, API_VERSION);
        root.text("kind", Pattern.compile(KIND), KIND, KIND);
        int batchSize = root.integer("batchSize", 2, GREATEST_SIZE);
        PretrainSpec spec = new PretrainSpec(
                root.text("name", NAME, "a letter and then at most 59 of a-z, 0-9 and '-'", "unnamed"),
                root.text("experiment", EXPERIMENT, "1 to 200 characters without control characters", "unnamed"),
                root.choice("method", PretrainSpec.Method.values()),
                profile(),
                root.wholeNumber("seed", 0, GREATEST_SEED),
                batchSize,
                BatchChunk.read(root, batchSize),
                data(),
                model(root.fields("model")),
                initialWeights(root.fields("initialWeights")),
                augment(root.fields("augment")),
                stages(),
                optimizer(root.fields("optimizer")),
                commit(root.fields("commit")),
                resources(root.fields("resources")),
                resume(root.fields("resume")),
                prepare(root.fields("prepare")),
                validation(root.fields("validation")));
        root.refuseOtherKeys();
        return spec;
    }

    private String profile() {
        String words = String.join("|", PROFILES) + "|" + OLD_PAPER;
        return profile(root.text("profile", Pattern.compile(words), "one of " + String.join(", ", PROFILES), "tiny"));
    }

    /** The profile that a word of a spec means; the word itself where it means none. */
    static String profile(String word) {
        return word.equals(OLD_PAPER) ? "paper" : word;
    }

    /** The fields under {@code data}, to report what is wrong with the files. */
    Fields dataFields() {
        return data;
    }

    private DataSpec data() {
        DataSpec.Split split = data.choice("split", DataSpec.Split.values());
        List<DataSpec.AllowedLeak> leaks = allowedLeaks();
        DataSpec spec = data.has("dataset")
                ? new DataSpec(ingested(), null, split, leaks)
                : new DataSpec(null, source(), split, leaks);
        data.refuseOtherKeys();
        return spec;
    }

    private List<DataSpec.AllowedLeak> allowedLeaks() {
        List<DataSpec.AllowedLeak> leaks = new ArrayList<>();
        for (Fields leak : data.eachOf("allowedLeaks")) {
            leaks.add(new DataSpec.AllowedLeak(
                    leak.text("dataset", DATASET, "the name or the digest of an ingested data set", "unnamed"),
                    leak.text("reason", "why the overlap is right here")));
            leak.refuseOtherKeys();
        }
        return leaks;
    }

    private String ingested() {
        data.refuseBeside("dataset", List.of("root", "format", "vocabulary", "minSentences"));
        return data.text("dataset", DATASET, "the name or the digest of an ingested data set", "unnamed");
    }

    private DataSpec.Source source() {
        // The pre-training methods want reports, and this set alone has them.
        data.text("format", Pattern.compile(SourceSet.MIMIC_CXR.word()), SourceSet.MIMIC_CXR.word(), "mimic-cxr");
        Path dataRoot = path("root", folder);
        return new DataSpec.Source(
                SourceSet.MIMIC_CXR,
                dataRoot,
                path("vocabulary", dataRoot),
                data.integer("minSentences", 1, GREATEST_SIZE));
    }

    private Path path(String key, Path relativeTo) {
        Path start = data.placeOf(key).origin() == Place.Origin.FLAG ? workingFolder : relativeTo;
        String text = data.text(key, "a path");
        data.check(text.chars().noneMatch(Character::isISOControl), key, "a path has no control characters");
        return data.isRight(key) ? start.resolve(text).toAbsolutePath().normalize() : start;
    }

    private static ModelSpec model(Fields model) {
        int queries = size(model, "queries");
        ModelSpec spec = new ModelSpec(
                model.integer("imageSize", 32, 8192),
                model.integers("resnetBlocks", 4, 1, 1000),
                size(model, "resnetWidth"),
                size(model, "imagePoolHeads"),
                model.integer("textLength", 3, GREATEST_SIZE),
                size(model, "bertHidden"),
                size(model, "bertLayers"),
                size(model, "bertHeads"),
                size(model, "bertFfn"),
                size(model, "bertPositions"),
                model.number("dropout", Interval.SHARE),
                size(model, "dim"),
                size(model, "tokenPoolDim"),
                size(model, "sentencePoolHeads"),
                size(model, "predictorDim"),
                size(model, "prototypes"),
                queries,
                size(model, "decoderLayers"),
                size(model, "decoderHeads"),
                size(model, "decoderFfn"),
                model.integers("imageDecoderChannels", IMAGE_DECODER_BLOCKS, 1, GREATEST_SIZE),
                model.choice("gather", ModelSpec.Gather.values()),
                model.choice("lamActivation", ModelSpec.LamActivation.values()),
                model.flag("globalTextProjection"),
                model.number("tau", Interval.POSITIVE_SHARE),
                model.number("maxScale", Interval.closed(1, 1e4)),
                PriorFields.spb(model.fields("spb")),
                PriorFields.ccr(model.fields("ccr"), queries),
                model.choice("overlong", ModelSpec.Overlong.values()));
        model.refuseOtherKeys();
        checkSizes(model, spec);
        return spec;
    }

    private static int size(Fields model, String key) {
        return model.integer(key, 1, GREATEST_SIZE);
    }

    private static void checkSizes(Fields model, ModelSpec spec) {
        model.check(spec.imageSize() % 32 == 0, "imageSize", "must be a multiple of 32, was " + spec.imageSize());
        checkHeads(model, "imagePoolHeads", spec.imagePoolHeads(), "resnetWidth", spec.imageChannels(), "32 x ");
        checkHeads(model, "bertHeads", spec.bertHeads(), "bertHidden", spec.bertHidden(), "");
        checkHeads(model, "sentencePoolHeads", spec.sentencePoolHeads(), "dim", spec.dim(), "");
        checkHeads(model, "decoderHeads", spec.decoderHeads(), "dim", spec.dim(), "");
        model.checkFit(
                spec.textLength() <= spec.bertPositions(),
                "textLength",
                "bertPositions",
                "must be <= bertPositions = " + spec.bertPositions() + ", was " + spec.textLength());
    }

    private static void checkHeads(Fields model, String key, int heads, String widthKey, int width, String factor) {
        model.checkFit(
                width % heads == 0,
                key,
                widthKey,
                "must divide " + factor + widthKey + " = " + width + ", was " + heads);
    }

    private InitialWeightsSpec initialWeights(Fields initial) {
        InitialWeightsSpec spec = new InitialWeightsSpec(digest(initial, "image"), digest(initial, "text"));
        initial.refuseOtherKeys();
        return spec;
    }

    private @Nullable String digest(Fields initial, String key) {
        String named = initial.textOrNull(key, WEIGHTS, "the name or the digest of imported weights, or null");
        if (named == null || !initial.isRight(key)) {
            return null;
        }
        Optional<String> digest = weights.findDigest(named);
        String remedy = weights.known().isEmpty()
                ? "; none are imported, 'perdura weights import FILE --name " + named + "' does it"
                : Nearest.suggestion(named, weights.known());
        initial.check(digest.isPresent(), key, "there are no weights '" + named + "'" + remedy);
        return digest.orElse(null);
    }

    private static AugmentSpec augment(Fields augment) {
        AugmentSpec spec = new AugmentSpec(
                augment.number("rotationDegrees", Interval.closed(0, 180)),
                augment.flag("hflip"),
                augment.flag("shuffleSentences"));
        augment.refuseOtherKeys();
        return spec;
    }

    private List<StageSpec> stages() {
        List<StageSpec> stages = new ArrayList<>();
        for (Fields stage : root.eachOf("stages")) {
            StageSpec spec = PriorFields.stage(stage);
            int before = stages.isEmpty() ? 0 : stages.get(stages.size() - 1).stage();
            stage.check(
                    spec.stage() > before,
                    "stage",
                    "stage " + spec.stage() + (spec.stage() == before ? " comes twice" : " comes after " + before));
            stages.add(spec);
        }
        root.check(!stages.isEmpty(), "stages", "must not be empty; PRIOR has stages 1, 2 and 3");
        return stages.isEmpty() ? List.of(PriorFields.HARMLESS_STAGE) : stages;
    }

    private static OptimizerSpec optimizer(Fields optimizer) {
        OptimizerSpec spec = new OptimizerSpec(
                optimizer.choice("algorithm", OptimizerSpec.Algorithm.values()),
                optimizer.number("beta1", Interval.SHARE),
                optimizer.number("beta2", Interval.SHARE),
                optimizer.number("epsilon", Interval.POSITIVE),
                optimizer.number("weightDecay", Interval.NOT_NEGATIVE),
                optimizer.numberOrNull("clipNorm", Interval.POSITIVE));
        optimizer.refuseOtherKeys();
        return spec;
    }

    private static CommitSpec commit(Fields commit) {
        @Nullable Long everySteps = commit.wholeNumberOrNull("everySteps", 1);
        CommitSpec spec =
                new CommitSpec(commit.duration("every"), everySteps, commit.integer("keep", 2, GREATEST_SIZE));
        commit.refuseOtherKeys();
        return spec;
    }

    static ResourceSpec resources(Fields resources) {
        ResourceSpec spec = new ResourceSpec(
                resources.text("device", DEVICE, "auto, cpu or cuda:N", "auto"),
                resources.integerOrWord("threads", "auto", 0, 1, 1024));
        resources.refuseOtherKeys();
        return spec;
    }

    private static ResumeSpec resume(Fields resume) {
        ResumeSpec spec = new ResumeSpec(resume.choice("environment", ResumeSpec.Environment.values()));
        resume.refuseOtherKeys();
        return spec;
    }

    private static PrepareSpec prepare(Fields prepare) {
        PrepareSpec spec = new PrepareSpec(
                prepare.fieldsOrNull("airflow").map(PretrainFields::airflow).orElse(null));
        prepare.refuseOtherKeys();
        return spec;
    }

    private static ValidationSpec validation(Fields validation) {
        ValidationSpec spec = new ValidationSpec(validation.integer("pairs", 0, GREATEST_SIZE));
        validation.refuseOtherKeys();
        return spec;
    }

    private static AirflowSpec airflow(Fields airflow) {
        AirflowSpec spec = new AirflowSpec(
                airflow.text("dag", DAG, "the id of a DAG: at most 250 letters, digits, '-', '.' and '_'", "unnamed"),
                airflow.jsonOrEmpty("conf"));
        airflow.refuseOtherKeys();
        return spec;
    }
}
