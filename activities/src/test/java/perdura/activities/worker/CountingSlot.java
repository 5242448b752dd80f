package perdura.activities.worker;

import java.io.IOException;

/** Process of a slot that needs no engine. */
final class CountingSlot {
    private CountingSlot() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        SlotProgram.run(CountingJobs.slow());
    }
}
