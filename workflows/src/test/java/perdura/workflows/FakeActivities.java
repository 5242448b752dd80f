package perdura.workflows;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunStatus;
import perdura.workflows.AirflowActivities.FinishedDag;
import perdura.workflows.DataActivities.PreparedRun;
import perdura.workflows.RunActivities.OpenedRun;
import perdura.workflows.RunActivities.RunEnd;
import perdura.workflows.TrainActivities.PrepareTime;
import perdura.workflows.TrainActivities.SegmentInput;
import perdura.workflows.TrainActivities.SegmentResult;

/** Activities that keep a run in memory: each segment ends where it is asked to, unless the script says otherwise. */
final class FakeActivities
        implements RunActivities, AirflowActivities, DataActivities, TrainActivities, EpochActivities {
    static final long STEPS_PER_EPOCH = 100;
    static final String SLOT = "slot-1";

    final List<String> calls = new CopyOnWriteArrayList<>();
    final Queue<UnaryOperator<SegmentResult>> script = new ArrayDeque<>();
    final AtomicLong step = new AtomicLong();
    final CountDownLatch waiting = new CountDownLatch(1);
    final CountDownLatch pausing = new CountDownLatch(1);
    volatile RunStatus status = RunStatus.RUNNING;
    volatile boolean paused;
    volatile long totalSteps = 500;
    volatile @Nullable String dag;
    /** Shards of each epoch's preparation, 0 for none. */
    volatile int shards;
    /** Called before each shard that is not kept, with its number. */
    volatile IntConsumer shardScript = shard -> {};
    /** Whether the run's state at the epoch's begin is there, one entry for each time that shards are asked for; it is when empty. */
    final Queue<Boolean> found = new ConcurrentLinkedQueue<>();
    /** Called before each combining step, one entry for each time. */
    final Queue<Runnable> combineScript = new ArrayDeque<>();
    /** What was computed: {@code <step>-<digest>/<shard>} and {@code <step>-<digest>/combined}, each once for each time. */
    final List<String> computed = new CopyOnWriteArrayList<>();
    /** What the segments were told of the time of their preparations. */
    final List<PrepareTime> prepareTimes = new CopyOnWriteArrayList<>();
    /** What becomes of the DAG run, one entry for each time that it is asked for; it succeeds when this is empty. */
    final Queue<Runnable> dagScript = new ArrayDeque<>();

    @Override
    public OpenedRun openRun(String runId) {
        calls.add("open");
        return new OpenedRun(status, step.get(), digest(), paused, dag);
    }

    @Override
    public void markPaused(String runId, boolean paused) {
        calls.add("paused " + paused);
        this.paused = paused;
        pausing.countDown();
    }

    @Override
    public void finishRun(RunEnd input) {
        calls.add("finish " + input.status() + " " + input.errorCode() + " " + input.message());
        status = input.status();
    }

    @Override
    public FinishedDag runDag(String runId) {
        calls.add("dag");
        Runnable next = dagScript.poll();
        if (next != null) {
            next.run();
        }
        return new FinishedDag(String.valueOf(dag), "perdura-" + runId);
    }

    /** Beats until it is cancelled. */
    void waitForCancellation() {
        try {
            throw beatForEver();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public PreparedRun prepareRun(String runId) {
        calls.add("prepare");
        return new PreparedRun("d", 1000, STEPS_PER_EPOCH, totalSteps, shards > 0);
    }

    @Override
    public EpochPlan planEpoch(EpochBegin begin) {
        calls.add("plan epoch at " + begin.step());
        return new EpochPlan(computed.contains(name(begin, "combined")) ? 0 : shards);
    }

    @Override
    public ShardsResult prepareShards(ShardsInput input) {
        calls.add("shards " + input.from() + " to " + input.to());
        if (Boolean.FALSE.equals(found.poll())) {
            step.set(input.epoch().begin().step() - STEPS_PER_EPOCH);
            return new ShardsResult(false);
        }
        for (int shard = input.from(); shard < input.to(); shard++) {
            String name = name(input.epoch().begin(), String.valueOf(shard));
            if (!computed.contains(name)) {
                shardScript.accept(shard);
                computed.add(name);
            }
        }
        return new ShardsResult(true);
    }

    @Override
    public void combineEpoch(EpochShards epoch) {
        calls.add("combine " + epoch.shards());
        Runnable next = combineScript.poll();
        if (next != null) {
            next.run();
        }
        computed.add(name(epoch.begin(), "combined"));
    }

    private static String name(EpochBegin begin, String part) {
        return begin.step() + "-" + begin.stateDigest() + "/" + part;
    }

    @Override
    public SegmentResult trainSegment(SegmentInput input) {
        if (input.prepareTime() != null) {
            prepareTimes.add(input.prepareTime());
        }
        calls.add("train until " + input.untilStep() + " on "
                + Activity.getExecutionContext().getInfo().getActivityTaskQueue());
        UnaryOperator<SegmentResult> next = script.poll();
        SegmentResult whole = new SegmentResult(input.runId(), input.untilStep(), "", SLOT, false);
        SegmentResult done = next == null ? whole : next.apply(whole);
        step.set(done.step());
        return new SegmentResult(done.runId(), done.step(), digest(), done.slotQueue(), done.cancelled());
    }

    /** Trains 10 steps, then waits until it is cancelled. */
    SegmentResult waitForCancellation(SegmentResult whole) {
        try {
            throw beatForEver();
        } catch (ActivityCompletionException e) {
            return new SegmentResult(whole.runId(), step.get() + 10, "", SLOT, true);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private IllegalStateException beatForEver() throws InterruptedException {
        ActivityExecutionContext context = Activity.getExecutionContext();
        waiting.countDown();
        CountDownLatch never = new CountDownLatch(1);
        do {
            context.heartbeat(step.get());
        } while (!never.await(20, TimeUnit.MILLISECONDS));
        return new IllegalStateException("nobody counts down");
    }

    private String digest() {
        return "digest-" + step.get();
    }
}
