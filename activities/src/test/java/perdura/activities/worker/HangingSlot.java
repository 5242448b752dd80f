package perdura.activities.worker;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Process of a slot that hangs in the middle of a run that it began; one that it takes over it can finish. */
final class HangingSlot {
    private static final long HANGS_AT = 100;

    private HangingSlot() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        AtomicBoolean begun = new AtomicBoolean();
        CountDownLatch never = new CountDownLatch(1);
        SlotProgram.run(new CountingJobs("counting", step -> {
            LockSupport.parkNanos(8_000_000);
            if (step == 0) {
                begun.set(true);
            }
            if (step == HANGS_AT && begun.get()) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }));
    }
}
