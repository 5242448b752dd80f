package perdura.cli.words;

import java.util.Locale;

/** A bar that says how much is done. */
public final class Bar {
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
