package perdura.cli.words;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import perdura.grids.spec.PlainText;

/** Lines that are drawn anew on a terminal; elsewhere the first one is told now and then. Thread-safe. */
public final class LiveLines {
    private static final Duration LINE_EVERY = Duration.ofSeconds(10);
    /** Characters of a line where nobody says how many there are. */
    private static final int NARROW = 99;

    private static final String CLEAR_BELOW = "\r\u001b[J";

    private final Terminal terminal;
    private int drawn;
    private Instant nextLine = Instant.EPOCH;
    private String told = "";

    public LiveLines(Terminal terminal) {
        this.terminal = terminal;
    }

    public void show(List<String> lines) {
        if (!lines.isEmpty()) {
            show(lines, lines.get(0));
        }
    }

    /** @param elsewhere told instead of the lines where there is no terminal */
    public synchronized void show(List<String> lines, String elsewhere) {
        if (terminal.interactive()) {
            StringBuilder text = new StringBuilder(erasing());
            lines.forEach(line -> text.append(cut(line)).append('\n'));
            print(text.toString());
            drawn = lines.size();
        } else if (!elsewhere.equals(told) && Instant.now().isAfter(nextLine)) {
            told = elsewhere;
            terminal.message(told);
            nextLine = Instant.now().plus(LINE_EVERY);
        }
    }

    /** One line. */
    public void show(String line) {
        show(List.of(line));
    }

    /** Takes away what stands there. */
    public synchronized void clear() {
        if (drawn > 0) {
            print(erasing());
            drawn = 0;
        }
    }

    private String erasing() {
        return (drawn > 0 ? "\u001b[" + drawn + "A" : "") + CLEAR_BELOW;
    }

    private void print(String text) {
        terminal.err().print(text);
        terminal.err().flush();
    }

    /** What stands there stays; the next lines come below it. */
    public synchronized void leave() {
        drawn = 0;
    }

    /** A line that the terminal would break could not be drawn anew. */
    private String cut(String line) {
        String columns = terminal.environment().getOrDefault("COLUMNS", "");
        int width = columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) - 1 : NARROW;
        String plain = PlainText.line(line);
        return plain.length() <= width ? plain : plain.substring(0, width);
    }

    /** A bar that says how much is done. */
    public static final class Bar {
        private static final int WIDTH = 24;

        private Bar() {}

        /** @param share in [0, 1] */
        public static String of(double share) {
            double done = Math.max(0, Math.min(1, share));
            int full = (int) (done * WIDTH);
            return String.format(
                    Locale.ROOT, "[%s%s] %3d %%", "#".repeat(full), ".".repeat(WIDTH - full), (int) (done * 100));
        }
    }
}
