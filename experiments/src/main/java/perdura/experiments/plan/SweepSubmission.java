package perdura.experiments.plan;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import perdura.experiments.reference.SweepReferences;
import perdura.experiments.reference.TrialReferences;
import perdura.experiments.submit.GitRevision;
import perdura.experiments.submit.PretrainSubmission;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.NumberText;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.store.Checkpoints;
import perdura.store.Database;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewSweep;
import perdura.store.Trials;
import perdura.training.tasks.Tasks;
import perdura.training.weights.WeightStore;

/** The one way in which a sweep comes into being, or grows: it is checked, planned, and given to the store with all its trials. */
public final class SweepSubmission {
    private final Tasks tasks = Tasks.load();
    private final SweepReferences references;
    private final TrialReferences trialReferences;
    private final SweepPretrainings pretrainings;
    private final SweepPlanner planner;
    private final Sweeps sweeps;
    private final SweepControl control;

    /** @param artifacts the folder of weights, data sets and checkpoints */
    public SweepSubmission(Database database, Path artifacts) {
        WeightStore weights = new WeightStore(artifacts);
        this.references = new SweepReferences(database, weights);
        this.trialReferences = new TrialReferences(new Runs(database), new Checkpoints(database), artifacts);
        PretrainSubmission needed = new PretrainSubmission(() -> database, weights);
        this.pretrainings = new SweepPretrainings(database, references, tasks, needed::checkIngested);
        this.sweeps = new Sweeps(database);
        this.control = new SweepControl(database);
        this.planner =
                new SweepPlanner(sweeps, new Trials(database), new SweepResults(database), references, pretrainings);
    }

    /** Gives what a sweep is read with to its reader. */
    public interface Reader {
        SweepExpansion read(Tasks tasks, SweepReferences references);
    }

    /**
     * Reads a sweep, and checks all that can be known of it before it starts.
     *
     * @param source names the sweep's file in messages
     * @throws PerduraException INVALID_SPEC with all that is wrong
     */
    public SweepExpansion read(String source, Reader reader) {
        SweepExpansion expansion = reader.read(tasks, references);
        new SweepCheck(
                        source,
                        new TrialMaker(expansion, references, pretrainings),
                        tasks.task(expansion.task().name()),
                        trialReferences,
                        pretrainings)
                .check(expansion);
        return expansion;
    }

    /** What a submission would come to. */
    public SweepPlan plan(SweepExpansion expansion, boolean retryFailed) {
        return planner.plan(expansion, retryFailed);
    }

    /** The newest submission of the very same trials. */
    public Optional<StoredSweep> findSame(SweepExpansion expansion, SweepPlan plan) {
        return sweeps.findSame(expansion.spec().name(), plan.fingerprint());
    }

    /**
     * Takes up the submission that is the same, or records a new one, with the runs of pre-trainings that its trials need; their
     * workflows start when a trial waits for them. That of the sweep is the caller's to start.
     *
     * @param retryFailed whether what failed is to be tried again
     * @return the sweep's id
     */
    public String submit(SweepExpansion expansion, SweepPlan plan, boolean retryFailed) {
        pretrainings.create(retryFailed, run -> PretrainSubmission.newRun(run.spec(), run.runId()));
        Optional<StoredSweep> same = findSame(expansion, plan);
        same.filter(sweep -> sweep.status().isTerminal()).ifPresent(sweep -> control.reopen(sweep.sweepId()));
        String sweepId = same.map(StoredSweep::sweepId).orElseGet(() -> create(expansion, plan));
        if (retryFailed) {
            control.retryFailed(sweepId);
        }
        return sweepId;
    }

    private String create(SweepExpansion expansion, SweepPlan plan) {
        SweepSpec spec = expansion.spec();
        return sweeps.create(
                new NewSweep(spec, SweepJson.write(spec), plan.fingerprint()),
                id -> SweepRun.newRun(spec, id),
                planner.trials(expansion));
    }

    /**
     * Adds the trials that a sweep lacks, and the runs of pre-trainings that they need.
     *
     * @return how many trials were added
     */
    public long extend(StoredSweep found, SweepExpansion expansion, SweepPlan plan) {
        pretrainings.create(false, run -> PretrainSubmission.newRun(run.spec(), run.runId()));
        return control.extend(
                found.sweepId(),
                new NewSweep(expansion.spec(), SweepJson.write(expansion.spec()), plan.fingerprint()),
                SweepRun.grid(expansion.spec()),
                planner.trials(expansion));
    }

    /**
     * Trials are added to a sweep from an edited file of it, and results that are compared must be of one kind.
     *
     * @param source names the file in messages
     * @throws PerduraException INVALID_SPEC if the file is that of a sweep with another name or experiment, or if its trials have
     *     another task or objective than those that the sweep has
     */
    public static void requireFileOf(StoredSweep found, String source, SweepExpansion expansion) {
        String name = found.identity().name();
        String experiment = found.identity().experiment();
        SweepSpec spec = expansion.spec();
        if (!name.equals(spec.name()) || !experiment.equals(spec.experiment())) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    source + ": it is the file of the sweep " + spec.name() + " in the experiment " + spec.experiment()
                            + ", and " + found.sweepId() + " is the sweep " + name + " in the experiment " + experiment
                            + "; to extend that one, write name: " + name + " and experiment: " + experiment
                            + " in the file; otherwise submit it as a sweep of its own");
        }
        String task = SweepJson.task(found.identity().spec());
        if (!task.equals(spec.task())
                || !found.progress().objective().equals(spec.objective().metric())
                || found.progress().goal() != spec.objective().goal()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "sweep " + found.sweepId() + " runs task " + task + " for "
                            + found.progress().goal() + " " + found.progress().objective()
                            + ", the file runs " + spec.task() + " for "
                            + spec.objective().goal() + " "
                            + spec.objective().metric() + "; submit it as a sweep of its own");
        }
    }

    /** Makes the run that stands for a sweep in MLflow, above its trials. */
    public static final class SweepRun {
        private SweepRun() {}

        /** What an extension may change: MLflow never changes a parameter, so that these are tags. */
        static Map<String, String> grid(SweepSpec spec) {
            Map<String, String> tags = new LinkedHashMap<>();
            tags.put(
                    "perdura.seeds",
                    spec.points().seeds().stream().map(String::valueOf).collect(Collectors.joining(", ")));
            tags.put(
                    "perdura.axes",
                    spec.points().axes().stream()
                            .map(axis -> axis.path() + ": " + NumberText.ofValue(axis.values()))
                            .collect(Collectors.joining("; ")));
            tags.put(
                    "perdura.base",
                    spec.points().base().values().entrySet().stream()
                            .map(one -> one.getKey() + ": " + NumberText.ofValue(one.getValue()))
                            .collect(Collectors.joining("; ")));
            return tags;
        }

        /** The run, with the spec as it is when submitted. */
        public static NewRun newRun(SweepSpec spec, RunId id) {
            String json = SweepJson.write(spec);
            Map<String, String> params = new LinkedHashMap<>();
            params.put("task", spec.task());
            params.put(
                    "objective",
                    EnumWord.of(spec.objective().goal()) + " validation/"
                            + spec.objective().metric());
            Map<String, String> tags = grid(spec);
            tags.put("perdura.task", spec.task());
            tags.put("mlflow.source.name", "perdura sweep submit");
            tags.put("mlflow.user", System.getProperty("user.name"));
            GitRevision.find(Path.of("")).ifPresent(revision -> tags.put("mlflow.source.git.commit", revision));
            return new NewRun(
                    id,
                    new Run.Identity(
                            spec.experiment(),
                            id.value(),
                            RunKind.SWEEP,
                            json,
                            CanonicalJson.sha256(Map.of("spec", json)),
                            0),
                    params,
                    tags);
        }
    }
}
