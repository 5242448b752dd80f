package perdura.workflows;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SweepStatus;
import perdura.workflows.SweepActivities.AssignedTrials;
import perdura.workflows.SweepActivities.EndedSweep;
import perdura.workflows.SweepActivities.OpenedSweep;
import perdura.workflows.SweepActivities.SweepEnd;
import perdura.workflows.SweepActivities.SweepMark;
import perdura.workflows.SweepActivities.SweepOpening;
import perdura.workflows.SweepActivities.TrialAssignment;
import perdura.workflows.SweepActivities.TrialEnd;
import perdura.workflows.SweepActivities.TrialRelease;
import perdura.workflows.SweepActivities.TrialRequest;
import perdura.workflows.TrialActivities.Outcome;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** A sweep's book in memory, and trials that do what the test's script says. */
final class FakeSweep implements SweepActivities, TrialActivities {
    /** State of each trial, in order: PENDING, ASSIGNED, HELD, FOREIGN (runs for another sweep), FINISHED, FAILED. */
    private final Map<String, String> states = new LinkedHashMap<>();

    private final Map<String, String> executions = new TreeMap<>();
    private final Map<String, List<TrialAssignment>> answers = new ConcurrentHashMap<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private int mostAssigned;

    final List<String> calls = new CopyOnWriteArrayList<>();
    final Map<String, Integer> runs = new ConcurrentHashMap<>();
    /** What happens when a shard asks, one entry for each time. */
    final Queue<Runnable> assignScript = new ArrayDeque<>();
    /** What happens when the workflow reads the sweep. */
    final Queue<Runnable> openScript = new ArrayDeque<>();
    /** What happens when the workflow wants to end the sweep. */
    final Queue<Runnable> endScript = new ArrayDeque<>();
    /** What becomes of a trial. */
    volatile Function<TrialInput, String> script = trial -> "FINISHED";

    volatile OpenedSweep settings = new OpenedSweep(SweepStatus.RUNNING, 0, 3, 1000, 0, null);
    volatile @Nullable Integer rung;
    volatile int questions;
    private boolean giving = true;

    /** Adds trials, named by their numbers. */
    synchronized void add(int from, int count, String state) {
        for (int trial = from; trial < from + count; trial++) {
            states.put(key(trial), state);
        }
        notifyAll();
    }

    static String key(int trial) {
        return "%064x".formatted(trial);
    }

    synchronized void set(int trial, String state) {
        states.put(key(trial), state);
        notifyAll();
    }

    synchronized int count(String state) {
        return (int) states.values().stream().filter(state::equals).count();
    }

    /** Most trials that were given out at once since this was last asked. */
    synchronized int takeMostAssigned() {
        int most = mostAssigned;
        mostAssigned = count("ASSIGNED");
        return most;
    }

    /** The sweep goes on with a new execution of its workflow, after it has ended. */
    synchronized void reopen() {
        settings = settings.with(SweepStatus.RUNNING);
        giving = true;
    }

    /** Waits until something in the book holds. */
    synchronized void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!condition.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException("it does not come true; trials: " + states.values());
            }
            wait(left);
        }
    }

    private static void play(Queue<Runnable> script) {
        Runnable next = script.poll();
        if (next != null) {
            next.run();
        }
    }

    @Override
    public synchronized OpenedSweep openSweep(SweepOpening opening) {
        calls.add("open");
        notifyAll();
        play(openScript);
        states.replaceAll((key, state) -> isLost(key, opening.execution()) ? "PENDING" : state);
        OpenedSweep now = settings;
        return new OpenedSweep(
                now.status(),
                now.concurrency(),
                now.priority(),
                now.backoffMillis(),
                count("PENDING") + count("FOREIGN"),
                now.secondsLeft());
    }

    private boolean isLost(String key, String execution) {
        return "ASSIGNED".equals(states.get(key)) && !execution.equals(executions.get(key));
    }

    @Override
    public synchronized void markSweep(SweepMark mark) {
        calls.add("mark " + mark.status() + (mark.reason().isEmpty() ? "" : " " + mark.reason()));
        giving = mark.status() == SweepStatus.RUNNING;
        settings = settings.with(mark.status());
        notifyAll();
    }

    @Override
    public synchronized AssignedTrials assign(TrialRequest input) {
        questions++;
        notifyAll();
        play(assignScript);
        List<TrialAssignment> given = answers.computeIfAbsent(input.requester(), requester -> give(input));
        mostAssigned = Math.max(mostAssigned, count("ASSIGNED"));
        boolean closed = states.values().stream().allMatch(state -> state.equals("FINISHED") || state.equals("FAILED"));
        return new AssignedTrials(given, count("FOREIGN"), closed || !isOpen());
    }

    private boolean isOpen() {
        return settings.status() != SweepStatus.STOPPING && settings.status() != SweepStatus.CANCELLING;
    }

    private List<TrialAssignment> give(TrialRequest input) {
        List<TrialAssignment> given = new ArrayList<>();
        boolean mayPromote = count("ASSIGNED") + count("PENDING") <= count("HELD");
        for (Map.Entry<String, String> trial : states.entrySet()) {
            boolean promoted = trial.getValue().equals("HELD") && mayPromote;
            if (giving
                    && given.size() < input.atMost()
                    && (promoted || trial.getValue().equals("PENDING"))) {
                trial.setValue("ASSIGNED");
                executions.put(trial.getKey(), input.execution());
                given.add(new TrialAssignment(trial.getKey(), promoted ? null : rung));
            }
        }
        return given;
    }

    @Override
    public synchronized void releaseTrials(TrialRelease release) {
        calls.add("release " + release.trialKeys().size());
        release.trialKeys().stream()
                .filter(key -> release.execution().equals(executions.get(key)))
                .forEach(key -> put(key, "PENDING"));
    }

    @Override
    public synchronized void endTrial(TrialEnd end) {
        calls.add("fail " + end.errorCode() + " " + end.message());
        if (end.execution().equals(executions.get(end.trialKey()))) {
            put(end.trialKey(), "FAILED");
        }
    }

    @Override
    public synchronized EndedSweep endSweep(SweepEnd end) {
        calls.add("end " + end.status() + " " + end.reason());
        play(endScript);
        boolean more = end.status() == SweepStatus.FINISHED && count("PENDING") > 0;
        SweepStatus status = more ? SweepStatus.RUNNING : end.status();
        settings = settings.with(status);
        return new EndedSweep(status);
    }

    @Override
    public TrialResult runTrial(TrialInput trial) {
        begin(trial.trialKey());
        String outcome = script.apply(trial);
        put(
                trial.trialKey(),
                switch (outcome) {
                    case "FINISHED", "HELD" -> outcome;
                    default -> "PENDING";
                });
        return new TrialResult(trial.trialKey(), Outcome.valueOf(outcome));
    }

    private synchronized void begin(String key) {
        runs.merge(key, 1, Integer::sum);
        notifyAll();
    }

    private synchronized void put(String key, String state) {
        states.put(key, state);
        notifyAll();
    }

    /** A trial that trains until it is called back. */
    String trainOn(TrialInput trial) {
        return trainWhile(() -> true);
    }

    /** A trial that trains while something holds, or until it is called back. */
    String trainWhile(BooleanSupplier condition) {
        ActivityExecutionContext context = Activity.getExecutionContext();
        try {
            while (condition.getAsBoolean()) {
                context.heartbeat(0);
                if (never.await(50, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("nobody counts down");
                }
            }
            return "FINISHED";
        } catch (ActivityCompletionException e) {
            return "RELEASED";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApplicationFailure.newFailure("interrupted", "PREEMPTED");
        }
    }
}
