package perdura.cli.stack;

import java.io.IOException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Signals that the JDK can't send. */
final class Signals {
    private Signals() {}

    static void interrupt(ProcessHandle process) {
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.SERVICE_UNAVAILABLE, "the program 'kill' cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
