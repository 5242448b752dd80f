package perdura.activities.gpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import perdura.training.loop.StopRequest;

/** Whether the slot of this process is free, and whom to ask to stop when the process ends. */
public final class Slot {
    private final String queue;
    private final String worker;
    private final String device;
    private final AtomicReference<@Nullable StopRequest> busy = new AtomicReference<>();
    private final AtomicBoolean draining = new AtomicBoolean();

    /**
     * @param queue task queue of this slot alone
     * @param worker host, slot and process, for people
     * @param device {@code auto}, {@code cpu} or {@code cuda:N}
     */
    public Slot(String queue, String worker, String device) {
        this.queue = queue;
        this.worker = worker;
        this.device = device;
    }

    public String queue() {
        return queue;
    }

    public String worker() {
        return worker;
    }

    public String device() {
        return device;
    }

    /** The slot takes no work any more, and the segment that runs ends at its next step boundary. */
    public void drain() {
        draining.set(true);
        StopRequest running = busy.get();
        if (running != null) {
            running.ask(StopRequest.Reason.PREEMPTION);
        }
    }

    public boolean isDraining() {
        return draining.get();
    }

    /** Takes the slot for a segment; false if another segment has it or the process is about to end. */
    boolean take(StopRequest segment) {
        if (!busy.compareAndSet(null, segment)) {
            return false;
        }
        if (draining.get()) {
            busy.set(null);
            return false;
        }
        return true;
    }

    void release() {
        busy.set(null);
    }
}
