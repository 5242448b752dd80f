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

    Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    Pattern FORM = Pattern.compile("weights:([0-9a-f]{64})|run:([a-z][a-z0-9-]{0,99})@([1-9][0-9]{0,5})");

    /** @throws IllegalArgumentException for another text */
    static WeightLocator parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "weights lie at weights:<digest> or run:<runId>@<stage>, was '" + text + "'");
        }
        return matcher.group(1) != null
                ? new Imported(matcher.group(1))
                : new StageOfRun(new RunId(matcher.group(2)), Integer.parseInt(matcher.group(3)));
    }
}
