package perdura.cli;

import java.util.function.LongConsumer;
import perdura.cli.words.Terminal;
import perdura.datasets.synth.SynthConfig;

/** Tells how far the making of a data set is. */
final class SynthProgress implements LongConsumer {
    private final Terminal terminal;
    private final SynthConfig.Amount amount;
    private long told = -1;

    SynthProgress(Terminal terminal, SynthConfig.Amount amount) {
        this.terminal = terminal;
        this.amount = amount;
    }

    @Override
    public synchronized void accept(long done) {
        long percent = 100 * done / amount.count();
        if (terminal.interactive() && percent > told) {
            told = percent;
            terminal.err()
                    .print("\r\u001b[K  synthetic data: " + done + "/" + amount.count() + " "
                            + amount.unit().key());
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
