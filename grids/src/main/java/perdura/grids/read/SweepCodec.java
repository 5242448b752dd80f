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
import static perdura.grids.codec.Codecs.word;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;
import static perdura.grids.read.SharedFields.API_VERSION;
import static perdura.grids.read.SharedFields.EXPERIMENT;
import static perdura.grids.read.SharedFields.NAME;
import static perdura.grids.read.SharedFields.RESOURCES;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Part;
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

    private static final Variants<StrategySpec> STRATEGY = new Variants<StrategySpec>()
            .with("grid", StrategySpec.Grid.class, RecordCodec.of(StrategySpec.Grid.class))
            .with(
                    "random",
                    StrategySpec.Random.class,
                    RecordCodec.of(
                            StrategySpec.Random.class,
                            field(
                                    "count",
                                    wholeLong(1, ParameterType.Whole.GREATEST),
                                    StrategySpec.Random::count,
                                    "points, for random and sobol"),
                            field(
                                    "seed",
                                    wholeLong(0, ParameterType.Whole.GREATEST),
                                    StrategySpec.Random::seed,
                                    "of the draws")))
            .with(
                    "sobol",
                    StrategySpec.Sobol.class,
                    RecordCodec.of(
                            StrategySpec.Sobol.class,
                            field(
                                    "count",
                                    wholeLong(1, ParameterType.Whole.GREATEST),
                                    StrategySpec.Sobol::count,
                                    "points, for random and sobol"),
                            field(
                                    "seed",
                                    wholeLong(0, ParameterType.Whole.GREATEST),
                                    StrategySpec.Sobol::seed,
                                    "of the draws")));

    private static final Variants<EarlyStoppingSpec> EARLY_STOPPING = new Variants<EarlyStoppingSpec>()
            .with("none", EarlyStoppingSpec.None.class, RecordCodec.of(EarlyStoppingSpec.None.class))
            .with(
                    "median",
                    EarlyStoppingSpec.Median.class,
                    RecordCodec.of(
                            EarlyStoppingSpec.Median.class,
                            field(
                                    "minEpochs",
                                    whole(1, GREATEST),
                                    EarlyStoppingSpec.Median::minEpochs,
                                    "no trial stops before"),
                            field(
                                    "minTrials",
                                    whole(1, GREATEST),
                                    EarlyStoppingSpec.Median::minTrials,
                                    "median: no trial stops before so many others have come as far")))
            .with(
                    "asha",
                    EarlyStoppingSpec.Asha.class,
                    RecordCodec.of(
                                    EarlyStoppingSpec.Asha.class,
                                    field(
                                            "minEpochs",
                                            whole(1, GREATEST),
                                            EarlyStoppingSpec.Asha::minEpochs,
                                            "no trial stops before"),
                                    field(
                                            "maxEpochs",
                                            orNull(whole(1, GREATEST)),
                                            EarlyStoppingSpec.Asha::maxEpochs,
                                            "asha: no rung lies beyond; null: the trials' own end"),
                                    field(
                                            "reduction",
                                            whole(2, 1000),
                                            EarlyStoppingSpec.Asha::reduction,
                                            "asha: the best 1/reduction of a rung goes on"))
                            .check((asha, fit) -> fit.requireFit(
                                    asha.maxEpochs() == null || asha.maxEpochs() > asha.minEpochs(),
                                    "maxEpochs",
                                    "minEpochs",
                                    "must be > minEpochs = " + asha.minEpochs() + ", was " + asha.maxEpochs())));

    static final RecordCodec<RetrySpec> RETRY = RecordCodec.of(
            RetrySpec.class,
            field("attempts", whole(1, 1000), RetrySpec::attempts, "in all, where what failed can heal"),
            field(
                    "backoff",
                    duration(),
                    RetrySpec::backoff,
                    "before the second attempt; doubled before each further one"));

    private static final RecordCodec<SweepSpec.Trials> TRIALS = RecordCodec.of(
            SweepSpec.Trials.class,
            field("resources", RESOURCES, SweepSpec.Trials::resources, "what a trial runs on"),
            field("retry", RETRY, SweepSpec.Trials::retry, "how often a trial is tried"),
            field(
                    "onFailure",
                    word(SweepSpec.OnFailure.class),
                    SweepSpec.Trials::onFailure,
                    "what a failed trial means for the others"),
            field(
                    "concurrency",
                    wholeOr("auto", 0, 1, GREATEST),
                    SweepSpec.Trials::concurrency,
                    "trials at once; auto: as many as there are free slots"),
            field("priority", whole(1, 5), SweepSpec.Trials::priority, "1 goes first"));

    private static final RecordCodec<BudgetSpec> BUDGET = RecordCodec.of(
            BudgetSpec.class,
            field(
                    "trials",
                    orNull(wholeLong(1, ParameterType.Whole.GREATEST)),
                    BudgetSpec::trials,
                    "at most so many are run"),
            field(
                    "gpuHours",
                    orNull(real(ParameterType.Real.positive())),
                    BudgetSpec::gpuHours,
                    "hours of devices, summed over all trials"),
            field("wallTime", orNull(duration()), BudgetSpec::wallTime, "from the submission on"));

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
                        field("name", NAME, SweepSpec::name, "what trials are called after"),
                        field("experiment", EXPERIMENT, SweepSpec::experiment, "MLflow's experiment"),
                        field("task", text(".*", "the name of a task"), SweepSpec::task, "what every trial does"),
                        part("points", points, SweepSpec::points),
                        field("strategy", STRATEGY, SweepSpec::strategy, "which points of the matrix are run"),
                        field(
                                "objective",
                                objective(task),
                                SweepSpec::objective,
                                "what the sweep selects by, on validation data"),
                        field(
                                "earlyStopping",
                                EARLY_STOPPING,
                                SweepSpec::earlyStopping,
                                "how trials that promise little end early"),
                        part("trials", TRIALS, SweepSpec::trials),
                        field(
                                "budget",
                                BUDGET,
                                SweepSpec::budget,
                                "no further trial starts when one of these is spent; null: no limit"))
                .headed("apiVersion", API_VERSION)
                .headed("kind", SweepReader.KIND);
    }

    private static RecordCodec<ObjectiveSpec> objective(@Nullable TaskSchema task) {
        ParameterType metric = task == null
                ? new ParameterType.Text(".+", "the name of a metric")
                : new ParameterType.Word(task.metrics());
        return RecordCodec.of(
                        ObjectiveSpec.class,
                        field("metric", text(metric), ObjectiveSpec::metric, "a metric of the task"),
                        field("goal", word(ObjectiveSpec.Goal.class), ObjectiveSpec::goal, "which values are better"),
                        field(
                                "report",
                                orElse(distinct(metric), List.of()),
                                ObjectiveSpec::report,
                                "metrics on test data that the results show; null: the objective's"))
                .headed("split", "validation");
    }
}
