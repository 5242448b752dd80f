package perdura.cli;

import java.nio.file.Path;
import java.util.Optional;
import perdura.experiments.plan.SweepCheck;
import perdura.experiments.plan.SweepPlanner;
import perdura.experiments.plan.SweepPretrainings;
import perdura.experiments.plan.SweepRun;
import perdura.experiments.plan.TrialMaker;
import perdura.experiments.reference.SweepReferences;
import perdura.experiments.reference.TrialReferences;
import perdura.experiments.submit.DataCheck;
import perdura.experiments.submit.GitRevision;
import perdura.experiments.submit.PretrainPlan;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.store.Checkpoints;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.NewSweep;
import perdura.store.Runs;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.Trials;
import perdura.training.tasks.Tasks;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.WeightStore;

/** What the commands about sweeps work with. */
record SweepTools(
        Tasks tasks,
        SweepReferences references,
        TrialReferences trialReferences,
        SweepPretrainings pretrainings,
        SweepPlanner planner,
        Sweeps sweeps,
        SweepControl control,
        SweepResults results) {
    /** @param artifacts the folder of weights, data sets and checkpoints */
    static SweepTools of(Database database, Path artifacts) {
        Sweeps sweeps = new Sweeps(database);
        WeightStore weights = new WeightStore(artifacts);
        SweepReferences references = new SweepReferences(database, weights);
        Tasks tasks = Tasks.load();
        DataSets dataSets = new DataSets(database);
        SweepPretrainings pretrainings = new SweepPretrainings(
                database,
                references,
                tasks,
                spec -> DataCheck.pinned(spec, dataSets, InitialWeights.find(weights, spec.initialWeights())));
        return new SweepTools(
                tasks,
                references,
                new TrialReferences(new Runs(database), new Checkpoints(database), artifacts),
                pretrainings,
                new SweepPlanner(sweeps, new Trials(database), new SweepResults(database), references, pretrainings),
                sweeps,
                new SweepControl(database),
                new SweepResults(database));
    }

    /** Reads a sweep, and checks all that can be known of it before it starts. */
    SweepExpansion read(SweepFlags flags) {
        SweepExpansion expansion = flags.read(tasks, references);
        new SweepCheck(
                        flags.name(),
                        new TrialMaker(expansion, references, pretrainings),
                        tasks.task(expansion.task().name()),
                        trialReferences,
                        pretrainings)
                .check(expansion);
        return expansion;
    }

    /** Records a new submission; returns its id. */
    String create(SweepExpansion expansion, String fingerprint) {
        SweepSpec spec = expansion.spec();
        return sweeps.create(
                new NewSweep(spec, SweepJson.write(spec), fingerprint),
                id -> SweepRun.newRun(spec, id),
                planner.trials(expansion));
    }

    /**
     * Makes the runs of pre-trainings that the trials of a plan need; their workflows start when a trial waits for them.
     *
     * @param retryFailed whether those that failed are to be tried again
     */
    void createPretrainings(boolean retryFailed) {
        String user = System.getProperty("user.name");
        Optional<String> revision = GitRevision.find(Path.of(""));
        pretrainings.create(retryFailed, run -> PretrainPlan.newRun(run.spec(), run.runId(), user, revision));
    }
}
