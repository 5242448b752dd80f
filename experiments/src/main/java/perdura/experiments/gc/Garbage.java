package perdura.experiments.gc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

    /** What can go, by run; of runs that have nothing to give, nothing. */
    public List<OfRun> find() {
        return runs.listEndedWithCheckpoints().stream()
                .map(this::find)
                .filter(garbage -> !garbage.isEmpty())
                .toList();
    }

    private OfRun find(RunId runId) {
        List<Path> spare = checkpoints.listSpare(runId, keep).stream()
                .map(StoredCheckpoint::folder)
                .toList();
        List<StoredCheckpoint> named = checkpoints.listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.state() != CheckpointState.PRUNED)
                .toList();
        Run run = runs.loadRun(runId);
        List<Path> leftovers =
                new ArrayList<>(cleaner(runId).leftovers(run.binding().fence() + 1, folders(named)));
        if (run.status() == RunStatus.FINISHED) {
            leftovers.addAll(PreparedEpoch.list(artifactRoot, runId));
        }
        long bytes = Stream.concat(spare.stream(), leftovers.stream())
                .mapToLong(Garbage::bytes)
                .sum();
        return new OfRun(runId, spare, leftovers, bytes);
    }

    /** Removes what {@link #find} told of a run, as far as that still holds. */
    public void remove(OfRun garbage) {
        checkpoints.pruneEnded(garbage.runId(), keep);
        RunId runId = garbage.runId();
        checkpoints.whileEnded(runId, (fence, published) -> {
            cleaner(runId).sweep(fence + 1, folders(published));
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
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (NoSuchFileException gone) {
            return 0; // its files went before, by hand
        } catch (IOException | UncheckedIOException e) {
            throw new PerduraException(ErrorCode.ARTIFACT_STORE_UNAVAILABLE, folder + ": can't be read (" + e + ")", e);
        }
    }

    /**
     * Folders of one run that can go.
     *
     * @param spare of checkpoints that the store has and the run can do without
     * @param leftovers that no checkpoint of the store is in: what dead attempts left, and what was prepared for epochs of a run that has
     *     FINISHED
     * @param bytes of all of them
     */
    public record OfRun(RunId runId, List<Path> spare, List<Path> leftovers, long bytes) {
        public OfRun {
            spare = List.copyOf(spare);
            leftovers = List.copyOf(leftovers);
        }

        boolean isEmpty() {
            return spare.isEmpty() && leftovers.isEmpty();
        }
    }
}
