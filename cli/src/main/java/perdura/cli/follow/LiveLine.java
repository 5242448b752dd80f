package perdura.cli.follow;

import java.time.Duration;
import java.time.Instant;
import perdura.cli.words.Terminal;

/** One line that is drawn anew on a terminal, and told now and then elsewhere. */
final class LiveLine {
    private static final Duration LINE_EVERY = Duration.ofSeconds(10);

    private final Terminal terminal;
    private boolean shown;
    private Instant nextLine = Instant.EPOCH;

    LiveLine(Terminal terminal) {
        this.terminal = terminal;
    }

    void show(String line) {
        if (terminal.interactive()) {
            terminal.err().print("\r\u001b[K" + line);
            terminal.err().flush();
            shown = true;
        } else if (Instant.now().isAfter(nextLine)) {
            terminal.message(line);
            nextLine = Instant.now().plus(LINE_EVERY);
        }
    }

    /** Leaves the cursor at the begin of an empty line. */
    void clear() {
        if (shown) {
            terminal.err().print("\r\u001b[K");
            terminal.err().flush();
            shown = false;
        }
    }
}
