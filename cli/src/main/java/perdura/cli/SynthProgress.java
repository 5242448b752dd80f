package perdura.cli;

import java.util.function.LongConsumer;
import perdura.cli.words.Terminal;

/** Tells how far the making of a data set is. */
final class SynthProgress implements LongConsumer {
    private final Terminal terminal;
    private final long total;
    private long told = -1;

    SynthProgress(Terminal terminal, long total) {
        this.terminal = terminal;
        this.total = total;
    }

    @Override
    public synchronized void accept(long done) {
        long percent = 100 * done / total;
        if (terminal.interactive() && percent > told) {
            told = percent;
            terminal.err().print("\r\u001b[K  synthetic data: " + done + "/" + total + " studies");
            terminal.err().flush();
        }
    }

    synchronized void end() {
        if (told >= 0) {
            terminal.err().print("\r\u001b[K");
            terminal.err().flush();
        }
    }
}
