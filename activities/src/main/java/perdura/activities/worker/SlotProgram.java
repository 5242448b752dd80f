package perdura.activities.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import perdura.activities.gpu.JobFactory;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.DurableEffects;

/** Life of the process of a slot: settings from standard input, work, and the end when that input ends. */
final class SlotProgram {
    private SlotProgram() {}

    static void run(JobFactory jobs) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        SlotSettings settings = SlotSettings.read(in);
        DurableEffects effects = TestSwitches.effects(TestSwitches.HALT_SLOT);
        SlotWorker worker = new SlotWorker(settings, jobs, effects);
        new DaemonThreads("perdura-supervised")
                .newThread(() -> drainAtEndOf(in, worker))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drainAndAwait(worker), "perdura-shutdown"));
        worker.run();
        TestSwitches.writeCount(effects, SlotProcess.folder(settings.worker().workDir(), settings.slot()));
    }

    /** The supervisor closes the stream to end this process, and the system closes it when the supervisor dies. */
    private static void drainAtEndOf(BufferedReader in, SlotWorker worker) {
        try {
            while (in.readLine() != null) {
                // nothing but the settings is ever sent
            }
        } catch (IOException endOfStream) {
            // as good as its end
        }
        worker.drain();
    }

    private static void drainAndAwait(SlotWorker worker) {
        worker.drain();
        try {
            worker.awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
