package perdura.activities.gpu;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.gpu.JobContext.DeviceChoice;
import perdura.activities.gpu.RunRecipe.PreparedEpochs;
import perdura.activities.gpu.TrainSlot.SegmentOutcome;
import perdura.activities.gpu.TrainSlot.TrainUntil;
import perdura.datasets.file.DiskSpace;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.store.Attempt;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.CheckpointCleaner;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.PreparedEpoch;
import perdura.training.loop.CommittedState;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainLoop;
import perdura.training.loop.TrainLoop.LoopClock;
import perdura.training.loop.TrainLoop.LoopResult;
import perdura.training.loop.TrainingJob;
import perdura.workflows.DataActivities.EpochBegin;
import perdura.workflows.EpochActivities.ShardsInput;
import perdura.workflows.TrainActivities.PrepareTime;

/** Trains runs of every kind: claims the run, takes it up at its last commit, and drives the loop. Used by the training thread only, but for {@link #abandon}. */
public final class SegmentTrainer {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentTrainer.class);

    private static final String PREPARE_SECONDS = "system/prepare_seconds";
    private static final String COMBINE_SECONDS = "system/prepare_combine_seconds";

    /** A disk with less counts as full while no checkpoint says how large one is. */
    private static final long SMALLEST_ROOM = 64 << 20;

    private final Slot slot;
    private final RunStore store;
    private final JobFactory jobs;
    private final Path artifactRoot;
    private final DurableEffects effects;
    private @Nullable HeldJob held;
    private volatile @Nullable Attempt claimed;
    private volatile @Nullable SegmentLife life;

    public SegmentTrainer(Slot slot, RunStore store, JobFactory jobs, Path artifactRoot, DurableEffects effects) {
        this.slot = slot;
        this.store = store;
        this.jobs = jobs;
        this.artifactRoot = artifactRoot;
        this.effects = effects;
    }

    /** @param prepareTime of the epoch that begins; null if nothing was prepared */
    SegmentOutcome train(
            RunId runId, TrainUntil goal, @Nullable PrepareTime prepareTime, SegmentLife life, StopRequest stop) {
        Run run = store.runs().loadRun(runId);
        RunRecipe trained = jobs.read(run, store);
        int threads = threads(run, trained);
        String fingerprint = fingerprint(trained, threads);
        EnvironmentCheck.check(
                run, store.attempts().listAttempts(runId), fingerprint, trained.resume(), store.events());
        trained.failures().check(store.attempts(), runId);
        Attempt attempt = store.attempts().claim(runId, slot.worker(), fingerprint);
        claimed = attempt;
        this.life = life;
        try {
            life.reportTo((step, rate, loss) -> reportLive(attempt, step, rate, loss));
            JobContext context = context(runId, threads, attempt.fence());
            return ended(attempt, run(goal, prepareTime, run, trained, context, life, stop));
        } catch (RuntimeException | Error e) {
            PerduraException known = TrainFailures.translate(e);
            forget();
            tellIfDiskIsFull(runId, known);
            end(attempt, known.code().name(), known.getMessage());
            throw known;
        }
    }

    /** An attempt that ends for want of room is made again until there is some; people are told which disk that is. */
    private void tellIfDiskIsFull(RunId runId, PerduraException known) {
        if (known.code() != ErrorCode.ARTIFACT_STORE_UNAVAILABLE) {
            return;
        }
        try {
            long needed = store.commits()
                    .findLast(runId)
                    .map(last -> last.files().bytes())
                    .orElse(SMALLEST_ROOM);
            DiskSpace disk = DiskSpace.of(artifactRoot);
            if (disk.isShortOf(needed)) {
                store.events()
                        .record(runId, "DISK_FULL", disk.sentence(needed, "the next checkpoint") + "; trying again");
            }
        } catch (IOException | PerduraException e) {
            LOG.warn("the disk of {} can't be asked", artifactRoot, e);
        }
    }

    /**
     * Computes shards of an epoch's preparation, and keeps each. No attempt at the run: nothing is committed, and others may do the
     * same at once.
     *
     * @return whether the run's last good state is the one that the epoch begins with
     */
    boolean prepareShards(ShardsInput input, SegmentLife life, StopRequest stop) {
        EpochBegin begin = input.epoch().begin();
        RunId runId = new RunId(begin.runId());
        Run run = store.runs().loadRun(runId);
        RunRecipe trained = jobs.read(run, store);
        PreparedEpochs epochs = Objects.requireNonNull(trained.epochs(), "a run whose epochs are prepared");
        PreparedEpoch kept = new PreparedEpoch(artifactRoot, runId, begin.step(), begin.stateDigest(), effects);
        this.life = life;
        try {
            int threads = threads(run, trained);
            EnvironmentCheck.requireSame(
                    store.attempts().listAttempts(runId), fingerprint(trained, threads), trained.resume());
            for (int shard = input.from(); shard < input.to(); shard++) {
                int number = shard;
                if (kept.findShard(shard, input.epoch().shards()).isPresent()) {
                    continue;
                }
                HeldJob job = takeUp(
                        run, trained, context(runId, threads, run.binding().fence()));
                if (!job.isAt(runId, begin.step(), begin.stateDigest().isEmpty() ? null : begin.stateDigest())) {
                    return false;
                }
                kept.keepShard(
                        shard,
                        input.epoch().shards(),
                        folder -> epochs.preparation()
                                .computeShard(job.job(), begin.step(), number, folder, () -> goOn(stop)));
            }
            return true;
        } catch (RuntimeException | Error e) {
            forget();
            throw TrainFailures.translate(e);
        }
    }

    /** A shard is moving; what is asked to stop loses it, and those before it are kept. */
    private void goOn(StopRequest stop) {
        touch();
        if (stop.reason().isPresent()) {
            throw new PerduraException(ErrorCode.PREEMPTED, slot.worker() + " was asked to stop within a shard");
        }
    }

    private int threads(Run run, RunRecipe trained) {
        Integer bound = run.binding().threads();
        return bound != null ? bound : store.runs().bindThreads(run.runId(), trained.wantedThreads());
    }

    private String fingerprint(RunRecipe trained, int threads) {
        String device = DeviceChoice.choose(trained.resources().device(), slot.device());
        return jobs.describeEngine(device) + ", threads " + threads;
    }

    private JobContext context(RunId runId, int threads, long attempt) {
        EpochResults prepared = new EpochResults(store.checkpoints(), runId, artifactRoot, effects);
        return new JobContext(
                artifactRoot, threads, slot.device(), attempt, effects, begun -> read(prepared, begun), this::touch);
    }

    /** The digests of what was prepared are checked, which may take a while. */
    private Path read(EpochResults prepared, long step) {
        touch();
        Path folder = prepared.folder(step);
        touch();
        return folder;
    }

    /** A job may outlive the attempt that made it, and then speaks for the newest one. */
    private void touch() {
        SegmentLife now = life;
        if (now != null) {
            now.touch();
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
            TrainUntil goal,
            @Nullable PrepareTime prepareTime,
            Run run,
            RunRecipe trained,
            JobContext context,
            SegmentLife life,
            StopRequest stop) {
        RunId runId = run.runId();
        CheckpointCleaner cleaner = new CheckpointCleaner(artifactRoot, runId, effects);
        cleaner.sweep(context.attempt(), publishedFolders(runId));
        HeldJob job = takeUp(run, trained, context);
        life.touch();
        long totalSteps = job.job().totalSteps();
        if (run.progress().totalSteps() == null) {
            store.runs().recordPlan(runId, trained.dataDigest(), totalSteps);
        }
        long from = job.state().position().step();
        long untilStep = Math.max(from, Math.min(goal.untilStep(job.job()), totalSteps));
        PreparedEpochs epochs = trained.epochs();
        if (epochs != null) {
            boolean missing = epochs.begin(from) == from && isMissing(epochs, runId, from);
            untilStep = missing ? from : Math.min(untilStep, epochs.begin(from) + epochs.stepsPerEpoch());
        }
        TrainLoop loop = new TrainLoop(
                job.job(),
                trained.commit(),
                new CheckpointWriter(
                        artifactRoot, runId, context.attempt(), run.identity().specHash(), effects),
                new StoreSink(
                        store,
                        cleaner,
                        runId,
                        context.attempt(),
                        points(prepareTime, from, epochs),
                        commit -> commit.stageEnd()
                                ? trained.keptAtEnd()
                                : trained.commit().keep(),
                        life,
                        () -> !slot.isDraining()),
                life,
                stop,
                LoopClock.system());
        LoopResult result = loop.run(job.state(), untilStep);
        held = new HeldJob(runId, job.job(), result.last());
        return result;
    }

    private boolean isMissing(PreparedEpochs epochs, RunId runId, long begin) {
        return epochs.preparation().shards(begin) > 0
                && new EpochResults(store.checkpoints(), runId, artifactRoot, effects)
                        .at(begin)
                        .findCombined()
                        .isEmpty();
    }

    /** Belongs to the epoch's first segment; the store keeps a point that it has. */
    private static List<MetricPoint> points(@Nullable PrepareTime time, long step, @Nullable PreparedEpochs epochs) {
        if (time == null || epochs == null || epochs.begin(step) != step) {
            return List.of();
        }
        Instant now = Instant.now();
        return List.of(
                new MetricPoint(PREPARE_SECONDS, time.seconds(), step, now),
                new MetricPoint(COMBINE_SECONDS, time.combineSeconds(), step, now));
    }

    private List<Path> publishedFolders(RunId runId) {
        return store.checkpoints().listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.state() != CheckpointState.PRUNED)
                .map(StoredCheckpoint::folder)
                .toList();
    }

    /** The job at the run's last commit: the one in memory if it is there exactly, else a new one that loads it. */
    private HeldJob takeUp(Run run, RunRecipe trained, JobContext context) {
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
        TrainingJob job = trained.opening().open(context);
        HeldJob taken = new HeldJob(runId, job, CommittedState.NONE);
        held = taken; // closed by forget() if loading fails
        if (loaded.isPresent()) {
            LoadedCheckpoint checkpoint = loaded.get();
            job.loadState(checkpoint.position(), checkpoint.state());
            taken = new HeldJob(runId, job, new CommittedState(checkpoint.position(), checkpoint.stateDigest()));
            held = taken;
        }
        LOG.info("{} goes on at step {}", runId, taken.state().position().step());
        return taken;
    }

    private SegmentOutcome ended(Attempt attempt, LoopResult result) {
        Position position = result.last().position();
        if (result.stoppedBy() == StopRequest.Reason.PREEMPTION) {
            throw new PerduraException(
                    ErrorCode.PREEMPTED,
                    slot.worker() + " shuts down; the run is committed at step " + position.step());
        }
        boolean cancelled = result.stoppedBy() != null;
        end(attempt, cancelled ? "CANCELLED" : "COMPLETED", null);
        return new SegmentOutcome(
                attempt.runId(),
                attempt.fence(),
                position,
                Objects.requireNonNullElse(result.last().stateDigest(), ""),
                Objects.requireNonNull(held).job().totalSteps(),
                cancelled);
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

    /** The job that a slot keeps in memory between segments, and what it holds. */
    record HeldJob(RunId runId, TrainingJob job, CommittedState state) {
        /** Whether it holds exactly this state of this run, so that nothing has to be loaded. */
        boolean isAt(RunId run, long step, @Nullable String stateDigest) {
            return runId.equals(run)
                    && state.position().step() == step
                    && Objects.equals(state.stateDigest(), stateDigest);
        }
    }
}
