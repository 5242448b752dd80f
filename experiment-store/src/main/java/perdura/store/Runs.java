package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/** Table run. */
public final class Runs {
    public Runs(Database database) {}

    /** Creates the run (SCHEDULED) with its parameters, tags and outbox rows. Creating the same run again does nothing. */
    public void createRun(NewRun run) {
        throw Todo.stub();
    }

    public Optional<Run> findRun(RunId runId) {
        throw Todo.stub();
    }

    /** @throws perdura.grids.spec.PerduraException NOT_FOUND, with the nearest run ids */
    public Run loadRun(RunId runId) {
        throw Todo.stub();
    }

    /** Newest first. */
    public List<Run> listRuns(@Nullable String experiment, @Nullable RunStatus status, int limit) {
        throw Todo.stub();
    }

    /** SCHEDULED (or KILLED, FAILED when resumed) becomes RUNNING. Running again does nothing. */
    public void startRun(RunId runId) {
        throw Todo.stub();
    }

    public void markPaused(RunId runId, boolean paused) {
        throw Todo.stub();
    }

    /** Sets a terminal status, and an outbox row that tells MLflow after all of the run's points. */
    public void finishRun(RunId runId, RunStatus status, @Nullable String errorCode, @Nullable String errorMessage) {
        throw Todo.stub();
    }

    /** Records data digest and planned steps; a later call with another digest is refused with DATA_CHANGED. */
    public void recordPlan(RunId runId, String dataDigest, long totalSteps) {
        throw Todo.stub();
    }

    /** Binds the run to a thread count if none is bound yet; returns the bound one. */
    public int bindThreads(RunId runId, int threads) {
        throw Todo.stub();
    }

    /** Updates what progress bars show. Ignored if the fence is stale. */
    public void reportLive(RunId runId, long fence, long step, double stepsPerSecond, @Nullable Double loss) {
        throw Todo.stub();
    }
}
