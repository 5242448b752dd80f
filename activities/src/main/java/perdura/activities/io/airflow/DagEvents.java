package perdura.activities.io.airflow;

import java.util.HashSet;
import java.util.Set;
import perdura.grids.spec.RunId;
import perdura.store.Events;
import perdura.store.Events.Event;

/** What a run's events tell of its DAG run. Attempts that come to the same tell it once. */
final class DagEvents {
    private static final String RUNS = "AIRFLOW_RUN";
    private static final String AWAY = "AIRFLOW_AWAY";
    private static final String DONE = "AIRFLOW_DONE";

    private final Events events;
    private final RunId runId;

    DagEvents(Events events, RunId runId) {
        this.events = events;
        this.runId = runId;
    }

    /** Tells where the DAG run is to be seen. */
    void recordRun(String dag, String page) {
        recordOnce(RUNS, "DAG " + dag + " runs for this run: " + page);
    }

    void recordDone(String dag) {
        recordOnce(DONE, "DAG " + dag + " has run");
    }

    private void recordOnce(String kind, String detail) {
        boolean isTold = events.listEvents(runId).stream()
                .anyMatch(event -> event.kind().equals(kind) && event.detail().equals(detail));
        if (!isTold) {
            events.record(runId, kind, detail);
        }
    }

    /** Tells why Airflow can't be asked: each reason once, until something else happens with it. */
    void recordAway(String reason) {
        String detail = reason + "; trying again until it works";
        Set<String> told = new HashSet<>();
        for (Event event : events.listEvents(runId)) {
            if (event.kind().equals(AWAY)) {
                told.add(event.detail());
            } else if (event.kind().equals(RUNS) || event.kind().equals(DONE)) {
                told.clear();
            }
        }
        if (!told.contains(detail)) {
            events.record(runId, AWAY, detail);
        }
    }
}
