package perdura.activities.io.airflow;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.io.airflow.AirflowClient.DagRun;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Masking;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.RunId;
import perdura.store.Events;
import perdura.store.Events.Event;
import perdura.store.http.JsonService;
import perdura.workflows.AirflowActivities.FinishedDag;

/**
 * Has the DAG of a run run once, however many attempts that takes: each begins by looking for the DAG run.
 *
 * @param lookEvery time between two looks at a DAG run
 */
record DagRunner(AirflowConfig config, JsonService http, Events events, Duration lookEvery) {
    private static final Logger LOG = LoggerFactory.getLogger(DagRunner.class);

    /** How soon a stop, a pause or the worker's own end is noticed. */
    private static final Duration BEAT_EVERY = Duration.ofSeconds(1);

    /** Airflow's name of the DAG run of a run: always the same, so that there is one. */
    static String dagRunId(RunId id) {
        return "perdura-" + id;
    }

    /**
     * Returns when the DAG run has succeeded. A DAG run that goes on again, since somebody has cleared it, is waited for.
     *
     * @param patience for each answer of Airflow
     * @param beat is run before each request and every second; what it throws ends the wait, not the DAG run
     * @throws PerduraException PREPARATION_FAILED if the DAG run fails, its page in the message; INVALID_SPEC if Airflow does
     *     not know the DAG or refuses {@code conf}; SERVICE_UNAVAILABLE if Airflow can't be asked now
     */
    FinishedDag run(RunId id, AirflowSpec airflow, Duration patience, Runnable beat) {
        DagEvents told = new DagEvents(events, id);
        try {
            return run(AirflowClient.connect(config, http, patience, beat), id, airflow, told, beat);
        } catch (PerduraException e) {
            if (e.code() == ErrorCode.SERVICE_UNAVAILABLE) {
                told.recordAway(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private FinishedDag run(AirflowClient client, RunId id, AirflowSpec airflow, DagEvents told, Runnable beat) {
        String dag = airflow.dag();
        String dagRunId = dagRunId(id);
        DagRun run = client.findDagRun(dag, dagRunId).orElseGet(() -> trigger(client, id, airflow));
        told.recordRun(dag, run.page());
        while (!run.isSuccess()) {
            if (run.isFailed()) {
                throw failed(client, dag, dagRunId, run);
            }
            await(beat);
            run = client.findDagRun(dag, dagRunId).orElseThrow(() -> deleted(dag, dagRunId));
        }
        told.recordDone(dag);
        LOG.info("DAG {} has run for {}", dag, id);
        return new FinishedDag(dag, dagRunId);
    }

    private DagRun trigger(AirflowClient client, RunId id, AirflowSpec airflow) {
        client.requireRunnable(airflow.dag());
        Map<String, @Nullable Object> conf = new ConfSecrets(config.secrets()).fillIn(airflow.conf());
        DagRun run;
        try {
            run = client.trigger(airflow.dag(), dagRunId(id), conf, "Prepares the pre-training " + id + " of Perdura");
        } catch (PerduraException e) {
            Masking masking = new Masking(); // Airflow may quote what it refuses
            masking.hide(config.secrets().values());
            String message = String.valueOf(e.getMessage());
            throw masking.known(message).equals(message) ? e : new PerduraException(e.code(), masking.known(message));
        }
        LOG.info("DAG {} is triggered for {}: {}", airflow.dag(), id, run.page());
        return run;
    }

    private void await(Runnable beat) {
        long until = System.nanoTime() + lookEvery.toNanos();
        try {
            for (long left = lookEvery.toNanos(); left > 0; left = until - System.nanoTime()) {
                beat.run();
                Thread.sleep(1 + Math.min(left, BEAT_EVERY.toNanos()) / 1_000_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while a DAG ran", e);
        }
    }

    private static PerduraException failed(AirflowClient client, String dag, String dagRunId, DagRun run) {
        String how = client.findFailedTask(dag, dagRunId)
                .map(task -> "task '" + task.name() + "' of DAG '" + dag + "' failed at try " + task.tryNumber()
                        + "; its log: " + task.logPage())
                .orElse("DAG '" + dag + "' failed without a failed task (marked by hand, or its time ran out): "
                        + run.page());
        return new PerduraException(ErrorCode.PREPARATION_FAILED, how);
    }

    private static PerduraException deleted(String dag, String dagRunId) {
        return new PerduraException(
                ErrorCode.PREPARATION_FAILED,
                "run " + dagRunId + " of DAG '" + dag + "' was deleted in Airflow; a resumed run triggers it again");
    }

    /** What a run's events tell of its DAG run. Attempts that come to the same tell it once. */
    record DagEvents(Events events, RunId runId) {
        private static final String RUNS = "AIRFLOW_RUN";
        private static final String AWAY = "AIRFLOW_AWAY";
        private static final String DONE = "AIRFLOW_DONE";

        /** Tells where the DAG run is to be seen. */
        void recordRun(String dag, String page) {
            recordOnce(RUNS, "DAG " + dag + " runs for this run: " + page);
        }

        void recordDone(String dag) {
            recordOnce(DONE, "DAG " + dag + " has run");
        }

        private void recordOnce(String kind, String detail) {
            boolean isTold = events.listEvents(runId).stream()
                    .anyMatch(
                            event -> event.kind().equals(kind) && event.detail().equals(detail));
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
}
