package perdura.grids.read;

import static perdura.grids.codec.Codecs.digestOf;
import static perdura.grids.codec.Codecs.duration;
import static perdura.grids.codec.Codecs.json;
import static perdura.grids.codec.Codecs.listOf;
import static perdura.grids.codec.Codecs.orNull;
import static perdura.grids.codec.Codecs.path;
import static perdura.grids.codec.Codecs.pathBelow;
import static perdura.grids.codec.Codecs.real;
import static perdura.grids.codec.Codecs.text;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Codecs.wholeLong;
import static perdura.grids.codec.Codecs.word;
import static perdura.grids.codec.Codecs.wordOf;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;
import static perdura.grids.read.SharedFields.API_VERSION;
import static perdura.grids.read.SharedFields.EXPERIMENT;
import static perdura.grids.read.SharedFields.GREATEST_SIZE;
import static perdura.grids.read.SharedFields.NAME;
import static perdura.grids.read.SharedFields.RESOURCES;

import java.util.List;
import perdura.grids.codec.Codec;
import perdura.grids.codec.MethodSchema;
import perdura.grids.codec.RecordCodec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.ParameterType.Real;
import perdura.grids.spec.ParameterType.Reference;
import perdura.grids.spec.ParameterType.Whole;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.PretrainSpec.Execution;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.PretrainSpec.PrepareSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.grids.spec.PretrainSpec.ValidationSpec;
import perdura.grids.spec.SourceSet;

/** Declares the fields of a pre-training that all methods have, and joins them with those of a method. */
final class PretrainCodec {
    static final String KIND = "Pretrain";

    private static final Codec<String> DATASET =
            text("[a-z0-9][a-z0-9._-]{0,99}", "the name or the digest of an ingested data set");
    /** What Airflow allows, besides the names that a URL takes for a step up. */
    private static final Codec<String> DAG =
            text("(?U)(?!\\.{1,2}$)[\\w.-]{1,250}", "the id of a DAG: at most 250 letters, digits, '-', '.' and '_'");

    private static final RecordCodec<DataSpec.Source> SOURCE = RecordCodec.of(
            DataSpec.Source.class,
            // The pre-training methods want reports, and this set alone has them.
            field("format", word(List.of(SourceSet.MIMIC_CXR)))
                    .means("instead of `dataset`: files that the run ingests first, strictly"),
            field("root", path()).means("their folder, or a zip file of it"),
            field("vocabulary", pathBelow()).means("WordPiece pieces, one a line; begins at `data.root`"),
            field("minSentences", whole(1, GREATEST_SIZE)).means("studies with fewer sentences are left out"));

    private static final RecordCodec<DataSpec.AllowedLeak> LEAK = RecordCodec.of(
            DataSpec.AllowedLeak.class,
            field("dataset", DATASET).means("a downstream data set"),
            field("reason", text("(?s).*\\S.*", "why the overlap is right here"))
                    .means("why the overlap is right here"));

    private static final RecordCodec<DataSpec> DATA = RecordCodec.of(
            DataSpec.class,
            field("dataset", orNull(DATASET))
                    .means("name or digest of an [ingested data set](data.md); the run keeps the digest")
                    .decidesNothing(), // its digest does
            part("source", SOURCE).unless("dataset").decidesNothing(),
            field("split").means("`train`, or `all` to let validation and test studies in too"),
            field("allowedLeaks", listOf(LEAK))
                    .means("`[{dataset: NAME, reason: TEXT}]`: downstream sets that may share patients or images with"
                            + " the training")
                    .decidesNothing());

    private static final RecordCodec<InitialWeightsSpec> INITIAL_WEIGHTS = RecordCodec.of(
            InitialWeightsSpec.class,
            field("image", orNull(digestOf(Reference.Kind.IMPORTED_WEIGHTS)))
                    .means("[imported weights](weights.md) that the image encoder begins with; null: the first values"
                            + " of the seed"),
            field("text", orNull(digestOf(Reference.Kind.IMPORTED_WEIGHTS))).means("the same for the text encoder"));

    private static final RecordCodec<OptimizerSpec> OPTIMIZER = RecordCodec.of(
            OptimizerSpec.class,
            field("algorithm").means("`adam` adds the decay to the gradient, `adamw` decays the weights themselves"),
            field("beta1", real(Real.share())).means("decay of the mean of gradients"),
            field("beta2", real(Real.share())).means("decay of the mean of their squares"),
            field("epsilon", real(Real.positive())).means("added to the root in the denominator"),
            field("weightDecay", real(Real.notNegative())).means("of all weights"),
            field("clipNorm", orNull(real(Real.positive()))).means("greatest global gradient norm; null: no clipping"));

    private static final RecordCodec<CommitSpec> COMMIT = RecordCodec.of(
            CommitSpec.class,
            field("every", duration())
                    .means("time between two commits; what comes first, this or the steps, decides. Changes no bit"),
            field("everySteps", orNull(wholeLong(1, Whole.GREATEST)))
                    .means("steps between two commits; null: none by steps"),
            field("keep", whole(2, GREATEST_SIZE))
                    .means("newest checkpoints that stay, beside those at stage ends and the best"));

    private static final RecordCodec<AirflowSpec> AIRFLOW = RecordCodec.of(
            AirflowSpec.class,
            field("dag", DAG).means("a DAG that must have run before the data is looked at: see [Airflow](airflow.md)"),
            field("conf", json())
                    .means("what its run is given. A plain value that YAML's versions read differently (`yes`, `012`)"
                            + " must be quoted"));

    private static final RecordCodec<Execution> EXECUTION = RecordCodec.of(
            Execution.class,
            field("commit", COMMIT).means("when to commit"),
            field("resources", RESOURCES).means("what the run runs on"),
            field(
                            "resume",
                            RecordCodec.of(
                                    ResumeSpec.class,
                                    field("environment")
                                            .means("`record` or `refuse` an attempt in another environment: see"
                                                    + " [determinism](determinism.md)")))
                    .means("what happens in another environment"),
            field(
                            "prepare",
                            RecordCodec.of(
                                    PrepareSpec.class,
                                    field("airflow", orNull(AIRFLOW)).means("a DAG that must have run; null: none")))
                    .means("what must have happened before"),
            field(
                            "validation",
                            RecordCodec.of(
                                    ValidationSpec.class,
                                    field("pairs", whole(0, GREATEST_SIZE))
                                            .means("most pairs of the validate split on which the losses are taken at"
                                                    + " the end of each epoch; 0: none. Changes no bit")))
                    .means("what the run is measured on"));

    private PretrainCodec() {}

    /** The codec of pre-trainings by a method. Keys of both parts stand side by side. */
    static RecordCodec<PretrainSpec> of(MethodSchema<?> method) {
        return RecordCodec.of(
                        PretrainSpec.class,
                        field("name", NAME).means("run ids begin with it").decidesNothing(),
                        field("experiment", EXPERIMENT)
                                .means("MLflow's experiment")
                                .decidesNothing(),
                        field("profile", wordOf(method.profiles()))
                                .means("which defaults the file is laid over")
                                .decidesNothing(),
                        field("seed", wholeLong(0, Whole.GREATEST))
                                .means("every random draw is a function of it")
                                .replicate(),
                        field("batchSize", whole(2, GREATEST_SIZE))
                                .means("studies per optimiser step, hence the contrastive batch; the last part batch"
                                        + " of an epoch is dropped"),
                        field("microBatchSize", orNull(whole(2, GREATEST_SIZE)))
                                .means("studies of a batch that run through the model at a time, where memory holds"
                                        + " no whole batch: see [big batches](big-batches.md). Below `batchSize`,"
                                        + " and divides it; null: the whole batch")
                                .formerly("batchChunk"),
                        part("method", method.codec()),
                        field("data", DATA).means("what is learned"),
                        field("initialWeights", INITIAL_WEIGHTS).means("what the encoders begin with"),
                        field("optimizer", OPTIMIZER).means("what updates the weights"),
                        part("execution", EXECUTION).decidesNothing())
                .headed("apiVersion", API_VERSION)
                .headed("kind", KIND)
                .headed("method", method.name());
    }
}
