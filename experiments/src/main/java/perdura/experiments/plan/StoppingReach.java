package perdura.experiments.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.StoppingRule;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;

/**
 * How far successive halving lets the points of a sweep come, each 1/reduction of a rung rounded down. Points compete, and not
 * their trials: seeds and folds of a point go on together.
 *
 * @param rungs at which points wait, from the first on; at least one
 * @param toEnd points that come to their end
 * @param end the epoch at which a trial ends
 * @param needed points of which one would come to its end
 */
public record StoppingReach(List<Rung> rungs, long toEnd, int end, long needed) {
    public StoppingReach {
        rungs = List.copyOf(rungs);
    }

    /** A number of epochs, and the points that come to it. */
    public record Rung(int epochs, long points) {}

    /** Empty for a sweep without successive halving, whose trials end before the first rung, or have ends of their own. */
    public static Optional<StoppingReach> of(SweepExpansion expansion) {
        if (!(expansion.spec().earlyStopping() instanceof EarlyStoppingSpec.Asha asha)) {
            return Optional.empty();
        }
        OptionalInt end = end(expansion);
        StoppingRule rule = new StoppingRule(asha, expansion.spec().objective().goal());
        List<Rung> rungs = new ArrayList<>();
        long left = competitors(expansion);
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

    /** Points, where those that repeat one experiment count once. */
    private static long competitors(SweepExpansion expansion) {
        List<String> replicates = expansion.task().replicates();
        if (!varies(expansion, replicates)) {
            return expansion.countPoints();
        }
        Set<Parameters> experiments = new HashSet<>();
        expansion.points().forEachRemaining(point -> {
            TreeMap<String, @Nullable Object> values = new TreeMap<>(point.values());
            values.keySet().removeAll(replicates);
            experiments.add(new Parameters(values));
        });
        return experiments.size();
    }

    private static boolean varies(SweepExpansion expansion, Collection<String> paths) {
        return expansion.spec().points().axes().stream().anyMatch(axis -> paths.contains(axis.path()))
                || expansion.spec().points().include().stream()
                        .anyMatch(point -> !Collections.disjoint(point.values().keySet(), paths));
    }

    /** The epochs of every point; empty if they differ, or the task counts none. */
    private static OptionalInt end(SweepExpansion expansion) {
        Iterator<Parameters> points = expansion.points();
        return !varies(expansion, List.of("epochs"))
                        && points.hasNext()
                        && points.next().value("epochs") instanceof Number epochs
                ? OptionalInt.of(epochs.intValue())
                : OptionalInt.empty();
    }
}
