package perdura.activities.io;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialState;
import perdura.store.Database;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;
import perdura.store.TrialLeases;
import perdura.workflows.SweepActivities;
import perdura.workflows.SweepActivities.AssignedTrials;
import perdura.workflows.SweepActivities.EndedSweep;
import perdura.workflows.SweepActivities.OpenedSweep;
import perdura.workflows.SweepActivities.SweepEnd;
import perdura.workflows.SweepActivities.SweepMark;
import perdura.workflows.SweepActivities.SweepOpening;
import perdura.workflows.SweepActivities.TrialAssignment;
import perdura.workflows.SweepActivities.TrialEnd;
import perdura.workflows.SweepActivities.TrialRelease;
import perdura.workflows.SweepActivities.TrialRequest;

/** Stores sweep state. */
public final class SweepActivitiesImpl implements SweepActivities {
    private final Sweeps sweeps;
    private final SweepControl control;
    private final TrialLeases leases;
    private final SweepTrials trials;
    private final SweepResults results;
    private final Collection<TaskSchema> tasks;
    private final Consumer<RunId> pretrainings;
    /** To read a spec may take seconds, and shards ask many times a second. */
    private final Map<String, ReadSpec> specs = new ConcurrentHashMap<>();

    /**
     * @param tasks that sweeps may run
     * @param pretrainings starts the workflow of one, unless it runs
     */
    public SweepActivitiesImpl(Database database, Collection<TaskSchema> tasks, Consumer<RunId> pretrainings) {
        this.sweeps = new Sweeps(database);
        this.control = new SweepControl(database);
        this.leases = new TrialLeases(database);
        this.trials = new SweepTrials(database);
        this.results = new SweepResults(database);
        this.tasks = List.copyOf(tasks);
        this.pretrainings = pretrainings;
    }

    @Override
    public OpenedSweep openSweep(SweepOpening opening) {
        control.opened(opening.sweepId());
        StoredSweep sweep = sweeps.load(opening.sweepId());
        SweepSpec spec = spec(sweep);
        Map<TrialState, Long> counts = results.count(sweep.sweepId());
        long ended = counts.getOrDefault(TrialState.FINISHED, 0L) + counts.getOrDefault(TrialState.FAILED, 0L);
        return new OpenedSweep(
                sweep.status(),
                sweep.limits().concurrency(),
                sweep.limits().priority(),
                spec.trials().retry().backoff().toMillis(),
                counts.values().stream().mapToLong(Long::longValue).sum() - ended,
                control.findSecondsLeft(sweep.sweepId(), spec));
    }

    @Override
    public void markSweep(SweepMark mark) {
        SweepStatus to = mark.status();
        if (to == SweepStatus.STOPPING && !mark.reason().isEmpty()) {
            control.stop(mark.sweepId(), mark.reason());
            return;
        }
        control.follow(mark.sweepId(), to);
    }

    @Override
    public AssignedTrials assign(TrialRequest input) {
        SweepSpec spec = spec(sweeps.load(input.sweepId()));
        TrialLeases.Leased assigned = leases.lease(
                input.sweepId(), spec, replicates(spec.task()), input.execution(), input.requester(), input.atMost());
        assigned.pretrainings().forEach(pretrainings); // before the answer: who gets none asks again
        return new AssignedTrials(
                assigned.trials().stream()
                        .map(trial -> new TrialAssignment(trial.trialKey(), trial.untilEpoch()))
                        .toList(),
                assigned.waiting(),
                assigned.closed());
    }

    @Override
    public void releaseTrials(TrialRelease release) {
        trials.givenBack(release.sweepId(), release.trialKeys(), release.execution());
    }

    @Override
    public void endTrial(TrialEnd end) {
        trials.failed(end.sweepId(), end.trialKey(), end.execution(), end.errorCode(), end.message());
    }

    @Override
    public EndedSweep endSweep(SweepEnd end) {
        SweepStatus status = switch (end.status()) {
            case FAILED -> control.end(end.sweepId(), end.reason());
            case FINISHED -> control.endIfDone(end.sweepId());
            default -> control.end(end.sweepId(), null);
        };
        if (status.isTerminal()) {
            specs.remove(end.sweepId());
        }
        return new EndedSweep(status);
    }

    private List<String> replicates(String task) {
        return tasks.stream()
                .filter(schema -> schema.name().equals(task))
                .findFirst()
                .map(TaskSchema::replicates)
                .orElse(List.of());
    }

    private SweepSpec spec(StoredSweep sweep) {
        return specs.compute(
                        sweep.sweepId(),
                        (id, known) -> known != null
                                        && known.fingerprint()
                                                .equals(sweep.identity().fingerprint())
                                ? known
                                : new ReadSpec(
                                        sweep.identity().fingerprint(),
                                        SweepJson.read(sweep.identity().spec(), tasks)
                                                .spec()))
                .spec();
    }

    private record ReadSpec(String fingerprint, SweepSpec spec) {}
}
