package perdura.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/** The pre-trainings that pending trials wait for, in the order of these trials. */
final class NeededPretrainings {
    private final Map<RunId, RunStatus> waitedFor = new LinkedHashMap<>();

    void clear() {
        waitedFor.clear();
    }

    void add(RunId runId, RunStatus status) {
        waitedFor.put(runId, status);
    }

    /**
     * Those that must run now: all that do, so that one whose workflow is lost goes on, and further ones as far as there is
     * room.
     *
     * @param room pre-trainings and trials that the one who asks may still have at once
     */
    List<RunId> due(int room) {
        List<RunId> running = waitedFor.keySet().stream()
                .filter(runId -> waitedFor.get(runId) == RunStatus.RUNNING)
                .toList();
        List<RunId> further = waitedFor.keySet().stream()
                .filter(runId -> !running.contains(runId))
                .limit(Math.max(0, room - running.size()))
                .toList();
        return Stream.concat(running.stream(), further.stream()).toList();
    }
}
