package perdura.experiments.gc;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import perdura.datasets.file.FileTree;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Checkpoints;
import perdura.store.Database;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.CheckpointCleaner;
import perdura.training.checkpoint.PreparedEpoch;

/**
 * Checkpoints that nobody needs: of runs that have ended, all but the newest few, the best one and the ends of stages, from which
 * trials and other runs begin, and what was prepared for epochs that are trained. The store forgets a checkpoint before its files go, so that it never names files that are gone.
 */
public final class Garbage {
    private final Runs runs;
    private final Checkpoints checkpoints;
    private final Path artifactRoot;
    private final int keep;

    /** @param keep newest checkpoints of a run that stay, at least 1: a run that has not FINISHED may be resumed */
    public Garbage(Database database, Path artifactRoot, int keep) {
        this.runs = new Runs(database);
        this.checkpoints = new Checkpoints(database);
        this.artifactRoot = artifactRoot;
        this.keep = keep;
    }

    /** What can go, and what is unknown, by run; of runs that have neither, nothing. */
    public List<OfRun> find() {
        return runs.listEndedWithCheckpoints().stream()
                .map(this::find)
                .filter(garbage -> !garbage.isNothing())
                .toList();
    }

    private OfRun find(RunId runId) {
        List<Path> spare = checkpoints.listSpare(runId, keep).stream()
                .map(StoredCheckpoint::folder)
                .toList();
        Run run = runs.loadRun(runId);
        List<StoredCheckpoint> known = checkpoints.listCheckpoints(runId);
        List<Path> leftovers = new ArrayList<>(givenUp(runId, run.binding().fence(), known));
        if (run.status() == RunStatus.FINISHED) {
            leftovers.addAll(PreparedEpoch.list(artifactRoot, runId));
        }
        long bytes = Stream.concat(spare.stream(), leftovers.stream())
                .mapToLong(Garbage::bytes)
                .sum();
        return new OfRun(runId, spare, leftovers, cleaner(runId).unknown(folders(known)), bytes);
    }

    private List<Path> givenUp(RunId runId, long fence, List<StoredCheckpoint> known) {
        List<StoredCheckpoint> pruned = known.stream()
                .filter(checkpoint -> checkpoint.state() == CheckpointState.PRUNED)
                .toList();
        return cleaner(runId).givenUp(fence + 1, folders(pruned));
    }

    /** Removes what {@link #find} told of a run, as far as that still holds. */
    public void remove(OfRun garbage) {
        checkpoints.pruneEnded(garbage.runId(), keep);
        RunId runId = garbage.runId();
        checkpoints.whileEnded(runId, (fence, published) -> {
            givenUp(runId, fence, checkpoints.listCheckpoints(runId)).forEach(cleaner(runId)::remove);
            if (runs.loadRun(runId).status() == RunStatus.FINISHED) {
                PreparedEpoch.removeAll(artifactRoot, runId, DurableEffects.counting());
            }
        });
    }

    private CheckpointCleaner cleaner(RunId runId) {
        return new CheckpointCleaner(artifactRoot, runId, DurableEffects.counting());
    }

    private static List<Path> folders(List<StoredCheckpoint> published) {
        return published.stream().map(StoredCheckpoint::folder).toList();
    }

    private static long bytes(Path folder) {
        try {
            return FileTree.bytes(folder);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    folder + ": can't be read (" + RegularFile.reason(e) + ")",
                    e);
        }
    }

    /**
     * Folders of one run that can go, or that nobody knows.
     *
     * @param spare of checkpoints that the store has and the run can do without
     * @param leftovers that no checkpoint of the store is in: what dead attempts left, and what was prepared for epochs of a run that has
     *     FINISHED
     * @param unknown that look like checkpoints, and that the store has never heard of: they stay
     * @param bytes of what can go
     */
    public record OfRun(RunId runId, List<Path> spare, List<Path> leftovers, List<Path> unknown, long bytes) {
        public OfRun {
            spare = List.copyOf(spare);
            leftovers = List.copyOf(leftovers);
            unknown = List.copyOf(unknown);
        }

        private boolean isNothing() {
            return isEmpty() && unknown.isEmpty();
        }

        /** Whether nothing can go. */
        public boolean isEmpty() {
            return spare.isEmpty() && leftovers.isEmpty();
        }
    }
}
