package perdura.activities.gpu;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.read.SpecJson;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Attempt;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.CheckpointCleaner;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.LoadedCheckpoint;
import perdura.training.loop.CommittedState;
import perdura.training.loop.LoopClock;
import perdura.training.loop.LoopResult;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainLoop;
import perdura.training.loop.TrainingJob;
import perdura.workflows.SegmentInput;
import perdura.workflows.SegmentResult;

/** Trains segments: claims the run, takes it up at its last commit, and drives the loop. Used by the training thread only, but for {@link #abandon}. */
public final class SegmentTrainer {
    /** Attempts in a row that may end without a commit. */
    static final int FRUITLESS_ATTEMPTS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(SegmentTrainer.class);

    private final Slot slot;
    private final RunStore store;
    private final JobOpener jobs;
    private final Path artifactRoot;
    private final DurableEffects effects;
    private @Nullable HeldJob held;
    private volatile @Nullable Attempt claimed;

    public SegmentTrainer(Slot slot, RunStore store, JobOpener jobs, Path artifactRoot, DurableEffects effects) {
        this.slot = slot;
        this.store = store;
        this.jobs = jobs;
        this.artifactRoot = artifactRoot;
        this.effects = effects;
    }

    SegmentResult train(SegmentInput input, SegmentLife life, StopRequest stop) {
        RunId runId = new RunId(input.runId());
        Run run = store.runs().loadRun(runId);
        PretrainSpec spec = SpecJson.read(run.spec());
        int threads = store.runs().bindThreads(runId, wantedThreads(spec));
        String fingerprint = jobs.describeEngine(
                        DeviceChoice.choose(spec.resources().device(), slot.device())) + ", threads " + threads;
        EnvironmentCheck.check(run, store.attempts().listAttempts(runId), fingerprint, spec.resume(), store.events());
        refuseWithoutProgress(runId);
        Attempt attempt = store.attempts().claim(runId, slot.worker(), fingerprint);
        claimed = attempt;
        try {
            life.reportTo((step, rate, loss) -> reportLive(attempt, step, rate, loss));
            LoopResult result = run(input, run, spec, threads, attempt, life, stop);
            return ended(input, attempt, result);
        } catch (PerduraException e) {
            forget();
            end(attempt, e.code().name(), e.getMessage());
            throw e;
        } catch (RuntimeException | Error e) {
            forget();
            end(attempt, ErrorCode.INTERNAL.name(), e.toString());
            throw e;
        }
    }

    /** Records why the newest attempt ended, when its thread hangs and can't. */
    void abandon(PerduraException why) {
        Attempt attempt = claimed;
        if (attempt != null) {
            end(attempt, why.code().name(), why.getMessage());
        }
    }

    private LoopResult run(
            SegmentInput input,
            Run run,
            PretrainSpec spec,
            int threads,
            Attempt attempt,
            SegmentLife life,
            StopRequest stop) {
        RunId runId = run.runId();
        CheckpointCleaner cleaner = new CheckpointCleaner(artifactRoot, runId, effects);
        cleaner.sweep(attempt.fence(), publishedFolders(runId));
        HeldJob job = takeUp(run, spec, threads);
        life.touch();
        TrainLoop loop = new TrainLoop(
                job.job(),
                spec.commit(),
                new CheckpointWriter(artifactRoot, runId, attempt.fence(), run.specHash(), effects),
                new StoreSink(
                        store.commits(),
                        store.checkpoints(),
                        cleaner,
                        runId,
                        attempt.fence(),
                        spec.commit().keep(),
                        life,
                        () -> !slot.isDraining()),
                life,
                stop,
                LoopClock.system());
        long untilStep = Math.max(
                job.state().position().step(),
                Math.min(input.untilStep(), job.job().totalSteps()));
        LoopResult result = loop.run(job.state(), untilStep);
        held = new HeldJob(runId, job.job(), result.last());
        return result;
    }

    private List<Path> publishedFolders(RunId runId) {
        return store.checkpoints().listCheckpoints(runId).stream()
                .filter(checkpoint -> !checkpoint.state().equals("PRUNED"))
                .map(StoredCheckpoint::folder)
                .toList();
    }

    /** The job at the run's last commit: the one in memory if it is there exactly, else a new one that loads it. */
    private HeldJob takeUp(Run run, PretrainSpec spec, int threads) {
        RunId runId = run.runId();
        Optional<StoredCheckpoint> last = store.commits().findLast(runId);
        long step = last.map(checkpoint -> checkpoint.position().step()).orElse(0L);
        String digest = last.map(StoredCheckpoint::stateDigest).orElse(null);
        HeldJob inMemory = held;
        if (inMemory != null && inMemory.isAt(runId, step, digest)) {
            return inMemory;
        }
        forget();
        Optional<LoadedCheckpoint> loaded = new LastGoodState(store).find(runId);
        TrainingJob job = jobs.open(spec, knownData(run), threads, slot.device());
        HeldJob taken = new HeldJob(runId, job, CommittedState.NONE);
        held = taken; // closed by forget() if loading fails
        if (loaded.isPresent()) {
            LoadedCheckpoint checkpoint = loaded.get();
            job.loadState(checkpoint.state());
            taken = new HeldJob(runId, job, new CommittedState(checkpoint.position(), checkpoint.stateDigest()));
            held = taken;
        }
        LOG.info("{} goes on at step {}", runId, taken.state().position().step());
        return taken;
    }

    private KnownData knownData(Run run) {
        String digest = run.dataDigest();
        if (digest == null) {
            throw new PerduraException(ErrorCode.INTERNAL, run.runId() + " is trained before its data was checked");
        }
        return new KnownData(digest, artifactRoot);
    }

    private SegmentResult ended(SegmentInput input, Attempt attempt, LoopResult result) {
        long step = result.last().position().step();
        if (result.stoppedBy() == StopRequest.Reason.PREEMPTION) {
            throw new PerduraException(
                    ErrorCode.PREEMPTED, slot.worker() + " shuts down; the run is committed at step " + step);
        }
        boolean cancelled = result.stoppedBy() != null;
        end(attempt, cancelled ? "CANCELLED" : "COMPLETED", null);
        return new SegmentResult(
                input.runId(),
                step,
                Objects.requireNonNullElse(result.last().stateDigest(), ""),
                slot.queue(),
                cancelled);
    }

    private void refuseWithoutProgress(RunId runId) {
        int failures = store.attempts().countFailuresSinceCommit(runId);
        if (failures >= FRUITLESS_ATTEMPTS) {
            throw new PerduraException(
                    ErrorCode.NO_PROGRESS,
                    failures + " attempts in a row ended without a commit; see the run's events and crash logs, then"
                            + " resume it");
        }
    }

    private void reportLive(Attempt attempt, long step, double stepsPerSecond, @Nullable Double loss) {
        try {
            store.runs().reportLive(attempt.runId(), attempt.fence(), step, stepsPerSecond, loss);
        } catch (PerduraException e) {
            LOG.debug("live figures of step {} are lost: {}", step, e.code());
        }
    }

    /** The attempt's end is for people and for the NO_PROGRESS rule; a store that is away must not hide why it ended. */
    private void end(Attempt attempt, String outcome, @Nullable String reason) {
        try {
            store.attempts().endAttempt(attempt.runId(), attempt.fence(), outcome, reason);
        } catch (PerduraException e) {
            LOG.warn("the end of attempt {} of {} is not recorded: {}", attempt.fence(), attempt.runId(), e.code());
        }
    }

    private void forget() {
        HeldJob old = held;
        held = null;
        if (old != null) {
            old.job().close();
        }
    }

    private static int wantedThreads(PretrainSpec spec) {
        int threads = spec.resources().threads();
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }
}
