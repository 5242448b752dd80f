package perdura.experiments.steer;

import perdura.experiments.steer.Thing.Kind;
import perdura.grids.spec.Advice;

/** What can be told a thing, or asked of it. */
public enum Verb {
    RESUME("resume"),
    RETRY("resume --retry-failed"),
    PAUSE("pause"),
    STOP("stop"),
    CANCEL("cancel"),
    WATCH("watch"),
    SHOW("show"),
    EXTEND("extend"),
    SET("set"),
    FIGURES("figures"),
    FORK("pretrain --from"),
    COMPARE("compare"),
    EXPORT("weights export --run");

    private final String words;

    Verb(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    /** The command that does it to a thing, where the table lets it be done. */
    public String command(Thing thing) {
        boolean isSweep = thing.kind() == Kind.SWEEP;
        Advice command = switch (this) {
            case RESUME -> isSweep ? Advice.SWEEP_RESUME : Advice.RESUME;
            case RETRY -> Advice.SWEEP_RETRY;
            case PAUSE -> isSweep ? Advice.SWEEP_PAUSE : Advice.RUNS_PAUSE;
            case STOP -> isSweep ? Advice.SWEEP_STOP : Advice.RUNS_STOP;
            case CANCEL -> isSweep ? Advice.SWEEP_CANCEL : Advice.DATA_CANCEL;
            case WATCH -> isSweep ? Advice.SWEEP_WATCH : Advice.RUNS_WATCH;
            case SHOW ->
                switch (thing.kind()) {
                    case SWEEP -> Advice.LEADERBOARD;
                    case INGEST -> Advice.DATA_SHOW;
                    case PRETRAINING, TRIAL -> Advice.RUNS_SHOW;
                };
            case EXTEND -> Advice.SWEEP_EXTEND;
            case SET -> Advice.SWEEP_SET;
            case FIGURES -> Advice.FIGURES;
            case FORK -> Advice.FROM;
            case COMPARE -> Advice.COMPARE;
            case EXPORT -> Advice.EXPORT;
        };
        return command.of(thing.id());
    }
}
