package perdura.activities.gpu;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Commit;
import perdura.store.StoreRetry;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointCleaner;
import perdura.training.loop.TrainLoop.CommitSink;
import perdura.training.loop.TrainLoop.TrainCommit;

/** Publishes the commits of an attempt. A store that is away is waited for; a commit of unknown fate is looked up. */
final class StoreSink implements CommitSink {
    private static final Logger LOG = LoggerFactory.getLogger(StoreSink.class);

    /** The run has failed, which must be told too. */
    private static final Duration PATIENCE_AT_THE_END = Duration.ofMinutes(1);

    private final RunStore store;
    private final CheckpointCleaner cleaner;
    private final RunId runId;
    private final long fence;
    /** Taken by the first commit. */
    private List<MetricPoint> before;

    private final ToIntFunction<TrainCommit> keep;
    private final SegmentLife life;
    private final BooleanSupplier mayWait;

    /**
     * A sink of one attempt.
     *
     * @param before points of what came before the first step; the first commit takes them
     * @param keep newest checkpoints that stay after a commit
     * @param mayWait false when the process is about to end and can't wait for a store that is away
     */
    StoreSink(
            RunStore store,
            CheckpointCleaner cleaner,
            RunId runId,
            long fence,
            List<MetricPoint> before,
            ToIntFunction<TrainCommit> keep,
            SegmentLife life,
            BooleanSupplier mayWait) {
        this.store = store;
        this.cleaner = cleaner;
        this.runId = runId;
        this.fence = fence;
        this.before = before;
        this.keep = keep;
        this.life = life;
        this.mayWait = mayWait;
    }

    @Override
    public void publish(TrainCommit trained) {
        Commit commit = commit(trained);
        StoreRetry retry = StoreRetry.asLongAs(() -> {
            life.touch();
            return mayWait.getAsBoolean();
        });
        retry.publish(store.commits(), commit);
        before = List.of();
        life.committed(commit.position().step());
        prune(keep.applyAsInt(trained));
    }

    @Override
    public void keep(List<MetricPoint> points, List<OnceEvent> events) {
        List<MetricPoint> measured =
                Stream.concat(before.stream(), points.stream()).toList();
        new StoreRetry(PATIENCE_AT_THE_END).run(() -> {
            life.touch();
            store.commits().keep(runId, fence, measured, events);
        });
    }

    private Commit commit(TrainCommit trained) {
        Checkpoint checkpoint = trained.checkpoint();
        return new Commit(
                runId,
                fence,
                checkpoint.position(),
                checkpoint.stateDigest(),
                new StoredCheckpoint.Files(
                        checkpoint.folder().toUri().toString(), checkpoint.manifestDigest(), checkpoint.sizeBytes()),
                trained.stageEnd(),
                trained.score(),
                Stream.concat(before.stream(), trained.points().stream()).toList(),
                trained.events());
    }

    /** The store forgets first, then the files go. What a crash leaves behind is swept by the next attempt. */
    private void prune(int kept) {
        try {
            for (StoredCheckpoint old : store.checkpoints().prune(runId, fence, kept)) {
                cleaner.remove(old.folder());
            }
        } catch (PerduraException e) {
            if (e.code() == ErrorCode.FENCED) {
                throw e;
            }
            LOG.warn("old checkpoints of {} stay until the next commit: {}", runId, e.code());
        }
    }
}
