package perdura.experiments.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.experiments.reference.SweepReferences;
import perdura.grids.read.PretrainParameters;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TrialSpec;
import perdura.grids.spec.WeightLocator;
import perdura.store.Checkpoints;
import perdura.store.Database;
import perdura.store.NewRun;
import perdura.store.Runs;
import perdura.training.method.Methods;
import perdura.training.tasks.Task.PretrainingRequirement;
import perdura.training.tasks.Tasks;
import perdura.training.torch.EngineFamily;

/**
 * The pre-trainings that the trials of one sweep need. Each is a run whose id is a function of the pre-training's identity, so
 * that all sweeps mean the same one; a finished run of that identity that somebody else has started is taken instead.
 */
public final class SweepPretrainings {
    /** Of runs that a submission need not start. */
    private static final Set<RunStatus> SETTLED = EnumSet.of(RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.FAILED);
    /** Digits of the key in a run's id. */
    private static final int DIGITS = 12;

    private final PretrainSpecs specs = Methods.load().specs();
    private final Runs runs;
    private final Checkpoints checkpoints;
    private final SweepReferences references;
    private final Tasks tasks;
    private final Consumer<PretrainSpec> check;
    private final Map<List<Object>, NeededRun> known = new LinkedHashMap<>();
    private @Nullable FinishedPretrainings finished;

    /** @param check refuses a pre-training whose data don't fit it */
    public SweepPretrainings(Database database, SweepReferences references, Tasks tasks, Consumer<PretrainSpec> check) {
        this.runs = new Runs(database);
        this.checkpoints = new Checkpoints(database);
        this.references = references;
        this.tasks = tasks;
        this.check = check;
    }

    /**
     * That of a trial; empty if it needs none.
     *
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC with all that is wrong with it; as the check of its data
     */
    Optional<NeededRun> find(TrialSpec trial, SweepSpec sweep) {
        return tasks.task(trial.task()).pretraining(trial).map(wish -> find(wish, trial, sweep));
    }

    private NeededRun find(PretrainingRequirement wish, TrialSpec trial, SweepSpec sweep) {
        String dataset = String.valueOf(trial.parameters().value(wish.dataset()));
        NeededRun run = known.computeIfAbsent(
                List.of(wish.choice(), dataset),
                same -> make(wish, references.target(Kind.DATASET, dataset).identity(), sweep));
        return new NeededRun(wish, run.spec(), run.key(), run.runId());
    }

    private NeededRun make(PretrainingRequirement wish, String dataset, SweepSpec sweep) {
        PretrainSpec spec = specs.ofProfile(
                new PretrainStart(
                        "pretraining",
                        sweep.experiment(),
                        wish.choice().method(),
                        wish.choice().profile(),
                        dataset,
                        sweep.trials().resources()),
                wish.choice().settings());
        String key = specs.identity(spec, dataset, EngineFamily.name());
        RunId own = new RunId("pretraining-" + key.substring(0, DIGITS));
        Optional<RunId> other = runs.findRun(own)
                        .filter(run -> run.status() == RunStatus.FINISHED)
                        .isPresent()
                ? Optional.empty()
                : findFinished(key, wish.choice(), spec);
        if (other.isEmpty()) {
            check.accept(spec);
        }
        return new NeededRun(wish, spec, key, other.orElse(own));
    }

    private Optional<RunId> findFinished(String key, PretrainParameters.Choice choice, PretrainSpec spec) {
        return finished().ofKey(key).stream()
                .filter(run -> choice.best() ? hasSameBest(run, spec) : hasStage(run, choice.stage()))
                .map(FinishedPretrainings.Finished::runId)
                .findFirst();
    }

    private boolean hasStage(FinishedPretrainings.Finished run, int stage) {
        return checkpoints.listStageEnds(run.runId()).stream()
                .anyMatch(end -> run.spec().stageEndedAt(end.position()) == stage);
    }

    private boolean hasSameBest(FinishedPretrainings.Finished run, PretrainSpec spec) {
        return SweepReferences.best(run.spec()).equals(SweepReferences.best(spec))
                && checkpoints.findBest(run.runId()).isPresent();
    }

    /** Read once, when something is asked about them. */
    private FinishedPretrainings finished() {
        FinishedPretrainings known = finished;
        if (known == null) {
            known = new FinishedPretrainings(runs);
            finished = known;
        }
        return known;
    }

    /** Spec of a run that a trial asked for here needs. */
    Optional<PretrainSpec> planned(RunId runId) {
        return all().stream()
                .filter(run -> run.runId().equals(runId))
                .map(NeededRun::spec)
                .findFirst();
    }

    /** Those of all trials that were asked for, each once. */
    private Collection<NeededRun> all() {
        Map<RunId, NeededRun> byId = new LinkedHashMap<>();
        known.values().forEach(run -> byId.putIfAbsent(run.runId(), run));
        return byId.values();
    }

    /** How those stand whose trials were asked for. */
    public SweepPlan.Pretrainings count() {
        Collection<NeededRun> all = all();
        Map<RunId, RunStatus> statuses =
                runs.findStatuses(all.stream().map(NeededRun::runId).toList());
        List<NeededRun> fresh = new ArrayList<>(all);
        fresh.removeIf(run -> SETTLED.contains(statuses.get(run.runId())));
        return new SweepPlan.Pretrainings(
                fresh.size(),
                Collections.frequency(statuses.values(), RunStatus.RUNNING),
                Collections.frequency(statuses.values(), RunStatus.FINISHED),
                Collections.frequency(statuses.values(), RunStatus.FAILED),
                cost(fresh));
    }

    /** Device time of all; empty if that of one can't be told. */
    private Optional<Duration> cost(List<NeededRun> fresh) {
        Duration all = Duration.ZERO;
        for (NeededRun run : fresh) {
            Optional<CostHistory.Cost> one = finished().estimate(run.spec());
            if (one.isEmpty()) {
                return Optional.empty();
            }
            all = all.plus(Duration.ofMillis((long) (1e3 * one.get().seconds())));
        }
        return Optional.of(all);
    }

    /**
     * Makes the runs that are not in the store. Done before the trials are, which name them; again, it does nothing.
     *
     * @param retryFailed whether those that failed are to be tried again
     * @param newRun the store's row of a run
     */
    public void create(boolean retryFailed, Function<Planned, NewRun> newRun) {
        Collection<NeededRun> all = all();
        Map<RunId, RunStatus> statuses =
                runs.findStatuses(all.stream().map(NeededRun::runId).toList());
        for (NeededRun run : all) {
            RunStatus status = statuses.get(run.runId());
            if (status == null) {
                runs.createRun(newRun.apply(new Planned(run.runId(), run.spec())));
            } else if (status == RunStatus.FAILED && retryFailed) {
                runs.rescheduleRun(run.runId());
            }
        }
    }

    /** A run to be made. */
    public record Planned(RunId runId, PretrainSpec spec) {}

    /**
     * The run of a pre-training that trials need.
     *
     * @param wish of the trials
     * @param spec on the digest of its data set
     * @param key the pre-training's identity
     * @param runId the run of that identity: one that is finished, or that the sweep is to start
     */
    record NeededRun(PretrainingRequirement wish, PretrainSpec spec, String key, RunId runId) {
        /** Where the trial finds the encoder. */
        String locator() {
            WeightLocator locator = wish.choice().best()
                    ? new WeightLocator.BestOfRun(runId)
                    : new WeightLocator.StageOfRun(runId, wish.choice().stage());
            return locator.toString();
        }

        /** What of it decides a trial's key: whichever run it was. */
        String identity() {
            return "pretrain:" + key + "@"
                    + (wish.choice().best()
                            ? SweepReferences.best(spec)
                            : String.valueOf(wish.choice().stage()));
        }
    }
}
