package perdura.cli;

import perdura.cli.sweep.SweepPlanner;
import perdura.cli.sweep.SweepReferences;
import perdura.store.Database;
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
        SweepPlanner planner,
        Sweeps sweeps,
        SweepControl control,
        SweepResults results) {
    static SweepTools of(Database database, WeightStore weights) {
        Sweeps sweeps = new Sweeps(database);
        SweepReferences references = new SweepReferences(database, weights);
        return new SweepTools(
                Tasks.load(),
                references,
                new SweepPlanner(sweeps, new Trials(database), references),
                sweeps,
                new SweepControl(database),
                new SweepResults(database));
    }
}
