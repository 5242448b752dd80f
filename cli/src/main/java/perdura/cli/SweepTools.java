package perdura.cli;

import java.nio.file.Path;
import perdura.activities.gpu.TrialReferences;
import perdura.cli.sweep.SweepCheck;
import perdura.cli.sweep.SweepPlanner;
import perdura.cli.sweep.SweepReferences;
import perdura.cli.sweep.SweepRun;
import perdura.cli.sweep.TrialMaker;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.store.Checkpoints;
import perdura.store.Database;
import perdura.store.NewSweep;
import perdura.store.Runs;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.Trials;
import perdura.training.task.Tasks;
import perdura.training.weights.WeightStore;

/** What the commands about sweeps work with. */
record SweepTools(
        Tasks tasks,
        SweepReferences references,
        TrialReferences trialReferences,
        SweepPlanner planner,
        Sweeps sweeps,
        SweepControl control,
        SweepResults results) {
    /** @param artifacts the folder of weights, data sets and checkpoints */
    static SweepTools of(Database database, Path artifacts) {
        Sweeps sweeps = new Sweeps(database);
        SweepReferences references = new SweepReferences(database, new WeightStore(artifacts));
        return new SweepTools(
                Tasks.load(),
                references,
                new TrialReferences(new Runs(database), new Checkpoints(database), artifacts),
                new SweepPlanner(sweeps, new Trials(database), new SweepResults(database), references),
                sweeps,
                new SweepControl(database),
                new SweepResults(database));
    }

    /** Reads a sweep, and checks all that can be known of it before it starts. */
    SweepExpansion read(SweepFlags flags) {
        SweepExpansion expansion = flags.read(tasks, references);
        new SweepCheck(
                        new TrialMaker(expansion, references),
                        tasks.task(expansion.task().name()),
                        trialReferences)
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
}
