package perdura.workflows;

import perdura.grids.spec.SweepStatus;

/** What signals have asked of a sweep. A cancellation outranks a stop, and a stop outranks a pause. */
final class SweepSignals {
    private boolean paused;
    private boolean stopped;
    private boolean cancelled;
    private boolean changed;
    private String reason = "";
    private int count;

    /** Takes over what the store says that an earlier execution was asked for. */
    void adopt(SweepStatus status) {
        paused |= status == SweepStatus.PAUSED;
        stopped |= status == SweepStatus.STOPPING;
        cancelled |= status == SweepStatus.CANCELLING;
    }

    void pause() {
        paused = true;
        count++;
    }

    /** What the store would not give before, it may give now. */
    void resume() {
        paused = false;
        change();
    }

    /** @param why in words for the reader; empty if somebody asked for it */
    void stop(String why) {
        stopped = true;
        reason = reason.isEmpty() ? why : reason;
        count++;
    }

    void cancel() {
        cancelled = true;
        count++;
    }

    void change() {
        changed = true;
        count++;
    }

    /** How many there were. */
    int count() {
        return count;
    }

    /** Whether the store has changed and nobody has looked. */
    boolean isChanged() {
        return changed;
    }

    void clearChanged() {
        changed = false;
    }

    /** The sweep's status while it is under way: RUNNING, PAUSED, STOPPING or CANCELLING. */
    SweepStatus status() {
        if (cancelled) {
            return SweepStatus.CANCELLING;
        }
        if (stopped) {
            return SweepStatus.STOPPING;
        }
        return paused ? SweepStatus.PAUSED : SweepStatus.RUNNING;
    }

    /** Why it was stopped; empty if somebody asked for it. */
    String reason() {
        return reason;
    }
}
