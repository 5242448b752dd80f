package perdura.grids.read;

import static perdura.grids.codec.Codecs.distinct;
import static perdura.grids.codec.Codecs.duration;
import static perdura.grids.codec.Codecs.orElse;
import static perdura.grids.codec.Codecs.orNull;
import static perdura.grids.codec.Codecs.real;
import static perdura.grids.codec.Codecs.text;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Codecs.wholeLong;
import static perdura.grids.codec.Codecs.wholeOr;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;
import static perdura.grids.read.SharedFields.API_VERSION;
import static perdura.grids.read.SharedFields.EXPERIMENT;
import static perdura.grids.read.SharedFields.NAME;
import static perdura.grids.read.SharedFields.RESOURCES;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Field;
import perdura.grids.codec.Field.Part;
import perdura.grids.codec.RecordCodec;
import perdura.grids.codec.Variants;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.SweepSpec.StrategySpec;
import perdura.grids.spec.TaskSchema;

/** Declares the fields of a sweep. */
final class SweepCodec {
    private static final int GREATEST = 1_000_000_000;

    private static final Field<Long> COUNT =
            field("count", wholeLong(1, ParameterType.Whole.GREATEST)).means("points, for random and sobol");
    private static final Field<Long> SEED =
            field("seed", wholeLong(0, ParameterType.Whole.GREATEST)).means("of the draws");

    private static final Variants<StrategySpec> STRATEGY = new Variants<StrategySpec>()
            .with("grid", RecordCodec.of(StrategySpec.Grid.class))
            .with("random", RecordCodec.of(StrategySpec.Random.class, COUNT, SEED))
            .with("sobol", RecordCodec.of(StrategySpec.Sobol.class, COUNT, SEED));

    private static final Field<Integer> MIN_EPOCHS =
            field("minEpochs", whole(1, GREATEST)).means("no trial stops before");

    private static final RecordCodec<EarlyStoppingSpec.Median> MEDIAN = RecordCodec.of(
            EarlyStoppingSpec.Median.class,
            MIN_EPOCHS,
            field("minTrials", whole(1, GREATEST))
                    .means("median: no trial stops before so many others have come as far"));

    private static final RecordCodec<EarlyStoppingSpec.Asha> ASHA = RecordCodec.of(
                    EarlyStoppingSpec.Asha.class,
                    MIN_EPOCHS,
                    field("maxEpochs", orNull(whole(1, GREATEST)))
                            .means("asha: no rung lies beyond; null: the trials' own end"),
                    field("reduction", whole(2, 1000)).means("asha: the best 1/reduction of a rung goes on"))
            .check((asha, fit) -> fit.requireFit(
                    asha.maxEpochs() == null || asha.maxEpochs() > asha.minEpochs(),
                    "maxEpochs",
                    "minEpochs",
                    "must be > minEpochs = " + asha.minEpochs() + ", was " + asha.maxEpochs()));

    private static final Variants<EarlyStoppingSpec> EARLY_STOPPING = new Variants<EarlyStoppingSpec>()
            .with("none", RecordCodec.of(EarlyStoppingSpec.None.class))
            .with("median", MEDIAN)
            .with("asha", ASHA);

    static final RecordCodec<RetrySpec> RETRY = RecordCodec.of(
            RetrySpec.class,
            field("attempts", whole(1, 1000)).means("in all, where what failed can heal"),
            field("backoff", duration()).means("before the second attempt; doubled before each further one"));

    private static final RecordCodec<SweepSpec.Trials> TRIALS = RecordCodec.of(
            SweepSpec.Trials.class,
            field("resources", RESOURCES).means("what a trial runs on"),
            field("retry", RETRY).means("how often a trial is tried"),
            field("onFailure").means("what a failed trial means for the others"),
            field("concurrency", wholeOr("auto", 0, 1, GREATEST))
                    .means("trials at once; auto: as many as there are free slots"),
            field("priority", whole(1, 5)).means("1 goes first"));

    private static final RecordCodec<BudgetSpec> BUDGET = RecordCodec.of(
            BudgetSpec.class,
            field("trials", orNull(wholeLong(1, ParameterType.Whole.GREATEST))).means("at most so many are run"),
            field("gpuHours", orNull(real(ParameterType.Real.positive())))
                    .means("hours of devices, summed over all trials"),
            field("wallTime", orNull(duration())).means("from the submission on"));

    private SweepCodec() {}

    /**
     * The codec of a sweep.
     *
     * @param task the one that it names; null if that is not known, so that its metrics aren't either
     * @param points the keys that say which points there are
     */
    static RecordCodec<SweepSpec> of(@Nullable TaskSchema task, Part<SweepSpec.Points> points) {
        return RecordCodec.of(
                        SweepSpec.class,
                        field("name", NAME).means("what trials are called after"),
                        field("experiment", EXPERIMENT).means("MLflow's experiment"),
                        field("task", text(".*", "the name of a task")).means("what every trial does"),
                        part("points", points),
                        field("strategy", STRATEGY).means("which points of the matrix are run"),
                        field("objective", objective(task)).means("what the sweep selects by, on validation data"),
                        field("earlyStopping", EARLY_STOPPING).means("how trials that promise little end early"),
                        part("trials", TRIALS),
                        field("budget", BUDGET)
                                .means("no further trial starts when one of these is spent; null: no limit"))
                .headed("apiVersion", API_VERSION)
                .headed("kind", SweepReader.KIND);
    }

    private static RecordCodec<ObjectiveSpec> objective(@Nullable TaskSchema task) {
        ParameterType metric = task == null
                ? new ParameterType.Text(".+", "the name of a metric")
                : new ParameterType.Word(task.metrics());
        return RecordCodec.of(
                        ObjectiveSpec.class,
                        field("metric", text(metric)).means("a metric of the task"),
                        field("goal").means("which values are better"),
                        field("report", orElse(distinct(metric), List.of()))
                                .means("metrics on test data that the results show; null: the objective's"))
                .headed("split", "validation");
    }
}
