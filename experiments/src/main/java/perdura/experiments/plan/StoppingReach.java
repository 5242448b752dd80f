package perdura.experiments.plan;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.StoppingRule;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;

/**
 * How far successive halving lets the trials of a sweep come, each 1/reduction of a rung rounded down.
 *
 * @param rungs at which trials wait, from the first on; at least one
 * @param toEnd trials that come to their end
 * @param end the epoch at which a trial ends
 * @param needed trials of which one would come to its end
 */
public record StoppingReach(List<Rung> rungs, long toEnd, int end, long needed) {
    public StoppingReach {
        rungs = List.copyOf(rungs);
    }

    /** A number of epochs, and the trials that come to it. */
    public record Rung(int epochs, long trials) {}

    /**
     * Of so many trials; empty for a sweep without successive halving, whose trials end before the first rung, or have ends of their own.
     *
     * @param trials of the sweep
     */
    public static Optional<StoppingReach> of(SweepExpansion expansion, long trials) {
        if (!(expansion.spec().earlyStopping() instanceof EarlyStoppingSpec.Asha asha)) {
            return Optional.empty();
        }
        OptionalInt end = end(expansion);
        StoppingRule rule = new StoppingRule(asha, expansion.spec().objective().goal());
        List<Rung> rungs = new ArrayList<>();
        long left = trials;
        long needed = 1;
        for (int rung = 0; end.isPresent(); rung++) {
            OptionalInt epochs = rule.epochs(rung);
            if (epochs.isEmpty() || epochs.getAsInt() >= end.getAsInt()) {
                break;
            }
            rungs.add(new Rung(epochs.getAsInt(), left));
            left /= asha.reduction();
            needed *= asha.reduction();
        }
        return rungs.isEmpty() ? Optional.empty() : Optional.of(new StoppingReach(rungs, left, end.getAsInt(), needed));
    }

    /** The epochs of every point; empty if they differ, or the task counts none. */
    private static OptionalInt end(SweepExpansion expansion) {
        boolean varies = expansion.spec().points().axes().stream()
                        .anyMatch(axis -> axis.path().equals("epochs"))
                || expansion.spec().points().include().stream()
                        .anyMatch(point -> point.values().containsKey("epochs"));
        Iterator<Parameters> points = expansion.points();
        return !varies && points.hasNext() && points.next().value("epochs") instanceof Number epochs
                ? OptionalInt.of(epochs.intValue())
                : OptionalInt.empty();
    }
}
