package perdura.store.relay;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.Advice;
import perdura.grids.spec.BackOff;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunStatus;
import perdura.store.relay.DeliveryTable.Delivery;
import perdura.store.relay.DeliveryTable.OutboxRow;

/**
 * One transaction of the relay: takes a run that has rows waiting, tells MLflow the first of them, and notes it. The
 * lock of the run's delivery row is held meanwhile, so that only one relay speaks for a run; it is free again at once
 * when the process dies.
 */
final class RelayTurn {
    private static final Logger LOG = LoggerFactory.getLogger(RelayTurn.class);
    /** Longer than MLflow may take for one answer. */
    private static final Duration SILENCE = Duration.ofMinutes(3);

    private static final Duration SILENCE_OF_UPLOAD = Duration.ofMinutes(12);
    private static final BackOff WAITS = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(30));
    private static final int ROWS = 200;
    private static final int POINTS = 1_000;
    private static final String OUR_TAGS = "perdura.";
    private static final String ERROR_CODE = "perdura.error_code";
    private static final String ERROR_MESSAGE = "perdura.error_message";

    private final DeliveryTable table;
    private final SweepNote note;
    private final MlflowServer mlflow;

    /** @param trackingUri what addresses of MLflow's pages begin with */
    RelayTurn(Handle handle, MlflowServer mlflow, String trackingUri) {
        this.note = new SweepNote(handle, trackingUri);
        this.table = new DeliveryTable(handle);
        this.mlflow = mlflow;
    }

    /**
     * What a turn came to.
     *
     * @param found whether there was a run to serve
     * @param sent outbox rows told
     * @param error why it failed, if it did
     */
    record Outcome(boolean found, int sent, @Nullable String error) {}

    Outcome take() {
        Optional<Delivery> due = table.lockDue();
        if (due.isEmpty()) {
            return new Outcome(false, 0, null);
        }
        Delivery delivery = due.get();
        table.allowSilence(SILENCE);
        try {
            return serve(delivery);
        } catch (PerduraException e) {
            if (e.code() != ErrorCode.SERVICE_UNAVAILABLE) {
                throw e;
            }
            Duration wait = WAITS.someTimeAfter(delivery.tries());
            table.schedule(delivery.runId(), delivery.tries() + 1, wait);
            if (delivery.tries() == 0) {
                LOG.warn("run {} waits for MLflow: {}", delivery.runId(), e.getMessage());
            }
            return new Outcome(true, 0, String.valueOf(e.getMessage()));
        }
    }

    private Outcome serve(Delivery delivery) {
        String mlflowRunId = delivery.mlflowRunId();
        if (mlflowRunId == null) {
            return openRun(delivery);
        }
        if (!delivery.checked()) {
            return check(delivery, mlflowRunId);
        }
        List<OutboxRow> pending = table.listPending(delivery.runId(), ROWS);
        if (pending.isEmpty()) { // another relay has just told the last of them
            return new Outcome(true, 0, null);
        }
        return tell(delivery, mlflowRunId, group(pending));
    }

    private Outcome check(Delivery delivery, String mlflowRunId) {
        if (mlflow.findRun(mlflowRunId).isEmpty()) {
            return forget(delivery);
        }
        table.markChecked(delivery.runId());
        table.schedule(delivery.runId(), 0, Duration.ZERO);
        return new Outcome(true, 0, null);
    }

    private Outcome forget(Delivery delivery) {
        LOG.warn("run {}: MLflow no longer has {}; everything is sent again", delivery.runId(), delivery.mlflowRunId());
        table.forget(delivery.runId());
        table.schedule(delivery.runId(), 0, Duration.ZERO);
        return new Outcome(true, 0, null);
    }

    /** Rows that go into one request: neighbours with points, as many as MLflow takes, or else the first row alone. */
    private Group group(List<OutboxRow> pending) {
        List<OutboxRow> rows = new ArrayList<>();
        List<MetricPoint> points = new ArrayList<>();
        for (OutboxRow row : pending) {
            List<MetricPoint> more = row.kind() == OutboxRow.Kind.METRICS ? table.listPoints(row) : List.of();
            boolean joins = row.kind() == OutboxRow.Kind.METRICS && points.size() + more.size() <= POINTS;
            if (!rows.isEmpty() && !joins) {
                break;
            }
            rows.add(row);
            points.addAll(more);
            if (row.kind() != OutboxRow.Kind.METRICS) {
                break;
            }
        }
        return new Group(rows, points);
    }

    /** Rows to be told together, and the points that they name. */
    private record Group(List<OutboxRow> rows, List<MetricPoint> points) {
        OutboxRow first() {
            return rows.get(0);
        }
    }

    private Outcome tell(Delivery delivery, String mlflowRunId, Group group) {
        OutboxRow first = group.first();
        try {
            send(delivery, mlflowRunId, group);
        } catch (PerduraException e) {
            if (e.code().isRetryable()) {
                throw e;
            }
            if (MlflowServer.isUnknownRun(e)) {
                return forget(delivery);
            }
            if (group.rows().size() > 1) { // which of them does MLflow refuse?
                return tell(delivery, mlflowRunId, new Group(List.of(first), table.listPoints(first)));
            }
            String reason = String.valueOf(e.getMessage());
            LOG.warn("run {}: a row of kind {} is set aside: {}", delivery.runId(), first.kind(), reason);
            table.park(first, reason);
            table.schedule(delivery.runId(), 0, Duration.ZERO);
            return new Outcome(true, 0, reason);
        }
        if (delivery.tries() > 0) {
            LOG.info("run {}: MLflow answers again, after {} tries", delivery.runId(), delivery.tries());
        }
        table.markSent(group.rows());
        table.schedule(delivery.runId(), 0, Duration.ZERO);
        return new Outcome(true, group.rows().size(), null);
    }

    private void send(Delivery delivery, String mlflowRunId, Group group) {
        OutboxRow row = group.first();
        switch (row.kind()) {
            case PARAMS ->
                LongTexts.send(
                        mlflow, mlflowRunId, table.listParams(delivery.runId(), "PARAM"), tags(delivery, name -> true));
            case TAGS ->
                LongTexts.send(mlflow, mlflowRunId, Map.of(), tags(delivery, name -> name.startsWith(OUR_TAGS)));
            case NOTE -> {
                if (table.lock(row)) {
                    mlflow.logParams(mlflowRunId, Map.of(), note.tags(delivery.runId()));
                }
            }
            case METRICS -> mlflow.logPoints(mlflowRunId, group.points());
            case ARTIFACT -> {
                table.allowSilence(SILENCE_OF_UPLOAD);
                mlflow.uploadArtifact(
                        mlflowRunId,
                        Objects.requireNonNull(row.artifactPath()),
                        Path.of(URI.create(Objects.requireNonNull(row.artifactUri()))));
            }
            case STATUS -> sendStatus(delivery, mlflowRunId, row);
        }
    }

    private void sendStatus(Delivery delivery, String mlflowRunId, OutboxRow row) {
        RunStatus status = Objects.requireNonNull(row.status());
        if (table.isOutdated(delivery.runId(), row)) {
            return;
        }
        if (table.hasEndedBefore(delivery.runId(), row)) {
            mlflow.deleteTags(mlflowRunId, List.of(ERROR_CODE, ERROR_MESSAGE));
        }
        if (!status.isTerminal()) {
            mlflow.setStatus(mlflowRunId, status, null);
            return;
        }
        deleteStrays(delivery, mlflowRunId);
        LongTexts.send(mlflow, mlflowRunId, Map.of(), reason(delivery));
        Instant end = row.createdAt();
        mlflow.setStatus(mlflowRunId, status, end);
    }

    /** Why the run has ended. Messages on data name files of it, which MLflow need not know. */
    private static Map<String, String> reason(Delivery delivery) {
        Map<String, String> reason = new LinkedHashMap<>();
        String code = delivery.errorCode();
        String message = delivery.errorMessage();
        if (code != null) {
            reason.put(ERROR_CODE, code);
        }
        if (message != null) {
            reason.put(
                    ERROR_MESSAGE,
                    ErrorCode.INVALID_DATA.name().equals(code)
                            ? "it names a file of the data; see " + Advice.RUNS_SHOW.in(delivery.runId())
                            : message);
        }
        return reason;
    }

    /** A request to create the run may have come through after we gave it up and made another. */
    private void deleteStrays(Delivery delivery, String mlflowRunId) {
        String mlflowExperimentId = delivery.mlflowExperimentId();
        if (mlflowExperimentId == null) {
            return;
        }
        for (String found : mlflow.listRuns(mlflowExperimentId, delivery.runId())) {
            if (!found.equals(mlflowRunId)) {
                LOG.warn("run {}: MLflow has it twice; {} is deleted over there", delivery.runId(), found);
                mlflow.deleteRun(found);
            }
        }
    }

    /** Finds or creates the run over there. If MLflow will never take it, all its rows are set aside. */
    private Outcome openRun(Delivery delivery) {
        try {
            String mlflowExperimentId = mlflow.openExperiment(delivery.experiment());
            List<String> found = mlflow.listRuns(mlflowExperimentId, delivery.runId());
            String mlflowRunId = found.isEmpty()
                    ? mlflow.createRun(
                            mlflowExperimentId,
                            delivery.runId(),
                            delivery.name(),
                            delivery.createdAt(),
                            LongTexts.cut(tags(delivery, name -> true)))
                    : found.get(0);
            table.recordMlflowIds(delivery, mlflowExperimentId, mlflowRunId);
            table.schedule(delivery.runId(), 0, Duration.ZERO);
            return new Outcome(true, 0, null);
        } catch (PerduraException e) {
            if (e.code().isRetryable()) {
                throw e;
            }
            String reason = "the run can't be created: " + e.getMessage();
            LOG.warn("run {}: all rows are set aside: {}", delivery.runId(), reason);
            table.parkAll(delivery.runId(), reason);
            return new Outcome(true, 0, reason);
        }
    }

    /** Where the run stands in MLflow's tree is known now at the latest. */
    private Map<String, String> tags(Delivery delivery, Predicate<String> which) {
        Map<String, String> tags = new LinkedHashMap<>(table.listParams(delivery.runId(), "TAG"));
        tags.keySet().removeIf(which.negate());
        if (delivery.mlflowParentId() != null) {
            tags.put(MlflowServer.PARENT, delivery.mlflowParentId());
        }
        return tags;
    }
}
