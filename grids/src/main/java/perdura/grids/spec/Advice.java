package perdura.grids.spec;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The commands that messages recommend. No message writes one itself, so that a test can follow each of them in the state in which
 * it is given. A word in capitals, such as FILE, is the reader's to fill in.
 */
public enum Advice {
    UP("up"),
    UP_EMBEDDED("up --embedded"),
    DOWN("down"),
    STATUS("status"),
    DOCTOR("doctor"),
    WORKER("worker"),
    PRETRAIN("pretrain -f %s"),
    RESUME("resume %s"),
    RUNS_LIST("runs list"),
    RUNS_SHOW("runs show %s"),
    RUNS_WATCH("runs watch %s"),
    RUNS_PAUSE("runs pause %s"),
    RUNS_STOP("runs stop %s"),
    SWEEP_LIST("sweep list"),
    SWEEP_WATCH("sweep watch %s"),
    SWEEP_PAUSE("sweep pause %s"),
    SWEEP_RESUME("sweep resume %s"),
    SWEEP_RETRY("sweep resume %s --retry-failed"),
    SWEEP_STOP("sweep stop %s"),
    SWEEP_CANCEL("sweep cancel %s"),
    SWEEP_EXTEND("sweep extend %s -f FILE"),
    SWEEP_SET("sweep set %s --concurrency N"),
    LEADERBOARD("leaderboard %s"),
    COMPARE("compare %s"),
    FIGURES("figures %s"),
    FROM("pretrain --from %s"),
    EXPORT("weights export --run %s --format safetensors --out PATH"),
    FIGURE("figures %s --only %s"),
    FIGURES_OVER("figures --sweep %s --over %s"),
    PAPER("report paper %s"),
    SUBMIT_GRID("sweep submit --grid %s"),
    GC("gc"),
    MLFLOW_SYNC("mlflow sync"),
    RETRY_PARKED("mlflow sync --retry-parked"),
    WEIGHTS_IMPORT("weights import %s --name %s"),
    DATA_INSPECT("data inspect %s"),
    DATA_SYNTH("data synth --format %s --out DIR"),
    DATA_SYNTH_THERE("data synth --format %s --out %s"),
    DATA_INGEST("data ingest %s --root %s"),
    DATA_CANCEL("data cancel %s"),
    DATA_LIST("data list"),
    DATA_SHOW("data show %s");

    private static final Pattern SLOT = Pattern.compile("%s", Pattern.LITERAL);
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9@%+=:,./_-]+");

    private final String words;

    Advice(String words) {
        this.words = words;
    }

    /**
     * The command, as a shell takes it.
     *
     * @param about what it is about, as many as it has places for
     */
    public String of(Object... about) {
        long slots = SLOT.matcher(words).results().count();
        if (slots != about.length) {
            throw new IllegalArgumentException(name() + " is about " + slots + " things, was given " + about.length);
        }
        Object[] quoted = Arrays.stream(about).map(one -> quote(one.toString())).toArray();
        return "perdura " + words.formatted(quoted);
    }

    /** As {@link #of}, within a sentence. */
    public String in(Object... about) {
        return "'" + of(about) + "'";
    }

    /** A word as a shell takes it. */
    public static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
