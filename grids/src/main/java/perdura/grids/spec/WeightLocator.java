package perdura.grids.spec;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the weights lie that an encoder begins with. {@link #parse} reads what {@code toString} writes. */
public sealed interface WeightLocator {
    /** Imported weights: {@code weights:<digest>}. */
    record Imported(String digest) implements WeightLocator {
        public Imported {
            if (!DIGEST.matcher(digest).matches()) {
                throw new IllegalArgumentException("a digest is 64 hexadecimal digits, was '" + digest + "'");
            }
        }

        @Override
        public String toString() {
            return "weights:" + digest;
        }
    }

    /** The checkpoint at the end of a stage of a run: {@code run:<runId>@<stage>}. */
    record StageOfRun(RunId runId, int stage) implements WeightLocator {
        public StageOfRun {
            if (stage < 1) {
                throw new IllegalArgumentException("stage must be >= 1, was " + stage);
            }
        }

        @Override
        public String toString() {
            return "run:" + runId + "@" + stage;
        }
    }

    /** The best checkpoint of a run, by its method's selection metric: {@code run:<runId>@best}. */
    record BestOfRun(RunId runId) implements WeightLocator {
        @Override
        public String toString() {
            return "run:" + runId + "@" + BEST;
        }
    }

    /** What stands for a run's best checkpoint where a stage could stand. */
    String BEST = "best";

    Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    Pattern FORM = Pattern.compile("weights:([0-9a-f]{64})|run:([a-z][a-z0-9-]{0,99})@([1-9][0-9]{0,5}|" + BEST + ")");

    /** @throws IllegalArgumentException for another text */
    static WeightLocator parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "weights lie at weights:<digest>, run:<runId>@<stage> or run:<runId>@best, was '" + text + "'");
        }
        if (matcher.group(1) != null) {
            return new Imported(matcher.group(1));
        }
        RunId runId = new RunId(matcher.group(2));
        return matcher.group(3).equals(BEST)
                ? new BestOfRun(runId)
                : new StageOfRun(runId, Integer.parseInt(matcher.group(3)));
    }
}
