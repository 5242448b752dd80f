package perdura.activities.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.gpu.RunStore;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Attempt;

/** Keeps what a dead process left behind, as artifacts of the run that it trained. */
record CrashReport(Path artifactRoot, RunStore store) {
    private static final Logger LOG = LoggerFactory.getLogger(CrashReport.class);
    private static final int LOG_LINES = 200;

    /** The run that a process was training; empty if there is none, or the store can't tell now. */
    Optional<RunId> findRun(String worker) {
        try {
            return store.attempts().findRunning(worker).map(Attempt::runId);
        } catch (PerduraException e) {
            LOG.warn("what {} was training is not known", worker, e);
            return Optional.empty();
        }
    }

    /**
     * Records that the worker died under the run: event, end of its attempt, log and crash log. What can't be recorded is
     * only logged, since recovery must not wait for it.
     */
    void record(RunId runId, String worker, String how, SlotProcess slot, long pid) {
        try {
            store.events().record(runId, "WORKER_DIED", worker + " died: " + how);
            store.attempts()
                    .findNewest(runId)
                    .filter(attempt ->
                            attempt.end().endedAt() == null && attempt.worker().equals(worker))
                    .ifPresent(attempt -> end(attempt, how));
            Path folder = artifactRoot.toAbsolutePath().resolve(runId.value()).resolve("crash");
            PrivateFiles.createDirectories(folder);
            String prefix = System.currentTimeMillis() + "-" + pid;
            Path log = folder.resolve(prefix + "-slot.log");
            Files.write(log, lastLines(slot.log()), StandardCharsets.UTF_8);
            store.artifacts().addArtifact(runId, "crash/" + log.getFileName(), log.toUri());
            Path crash = slot.folder().resolve("hs_err_" + pid + ".log");
            if (Files.exists(crash)) {
                Path kept = folder.resolve(prefix + "-hs_err.log");
                Files.move(crash, kept, StandardCopyOption.REPLACE_EXISTING);
                store.artifacts().addArtifact(runId, "crash/" + kept.getFileName(), kept.toUri());
            }
        } catch (PerduraException | IOException e) {
            LOG.warn("the death of {} under {} is not recorded in full", worker, runId, e);
        }
    }

    private void end(Attempt attempt, String how) {
        store.attempts().endAttempt(attempt.runId(), attempt.fence(), "WORKER_DIED", how);
    }

    private static List<String> lastLines(Path file) throws IOException {
        Deque<String> last = new ArrayDeque<>();
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            lines.forEach(line -> {
                last.addLast(line);
                if (last.size() > LOG_LINES) {
                    last.removeFirst();
                }
            });
        }
        return List.copyOf(last);
    }
}
