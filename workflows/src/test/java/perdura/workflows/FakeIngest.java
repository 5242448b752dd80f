package perdura.workflows;

import io.temporal.failure.ApplicationFailure;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import perdura.workflows.IngestActivities.IngestFailure;
import perdura.workflows.IngestActivities.PlannedIngest;

/** Activities of an ingest that keep all in memory. */
final class FakeIngest implements IngestActivities {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final Set<Integer> made = ConcurrentHashMap.newKeySet();
    final Set<Integer> failOnce = ConcurrentHashMap.newKeySet();
    final AtomicInteger atOnce = new AtomicInteger();
    final AtomicInteger mostAtOnce = new AtomicInteger();
    volatile int parts = 100;
    volatile int faulty = -1;

    @Override
    public PlannedIngest planIngest(String ingestId) {
        calls.add("plan");
        return new PlannedIngest(parts);
    }

    @Override
    public void makePart(String ingestId, int part) {
        mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        try {
            if (failOnce.remove(part)) {
                throw ApplicationFailure.newFailure("exit code 137", "WORKER_DIED");
            }
            if (part == faulty) {
                throw ApplicationFailure.newNonRetryableFailure("a.jpg: truncated", "INVALID_DATA");
            }
            made.add(part);
        } finally {
            atOnce.decrementAndGet();
        }
    }

    @Override
    public IngestWorkflow.Result finishIngest(String ingestId) {
        calls.add("finish");
        return new IngestWorkflow.Result(ingestId, "digest-of-" + made.size(), 3);
    }

    @Override
    public void failIngest(IngestFailure failure) {
        calls.add("fail " + failure.errorCode() + " " + failure.message());
    }
}
