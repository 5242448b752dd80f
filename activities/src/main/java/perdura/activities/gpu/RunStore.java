package perdura.activities.gpu;

import perdura.store.Artifacts;
import perdura.store.Attempts;
import perdura.store.Checkpoints;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.Events;
import perdura.store.Runs;

/** The tables that training reads and writes. */
public record RunStore(
        Runs runs, Attempts attempts, Commits commits, Checkpoints checkpoints, Events events, Artifacts artifacts) {
    public static RunStore of(Database database) {
        return new RunStore(
                new Runs(database),
                new Attempts(database),
                new Commits(database),
                new Checkpoints(database),
                new Events(database),
                new Artifacts(database));
    }
}
