package perdura.cli.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import perdura.cli.words.Times;
import perdura.experiments.plan.StoppingReach;
import perdura.experiments.plan.SweepPlan;
import perdura.grids.spec.Amount;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;

/** A plan in words. */
public final class PlanText {
    private PlanText() {}

    /** @param retryFailed whether failed trials are to run again */
    public static String of(SweepExpansion expansion, SweepPlan plan, boolean retryFailed) {
        SweepSpec spec = expansion.spec();
        List<String> lines = new ArrayList<>();
        lines.add(title(spec, plan.points(), plan.total()));
        line(lines, plan.fresh(), "new");
        line(lines, plan.begun(), "pending: begun before, go on from their checkpoints");
        line(lines, plan.held(), "held by early stopping, will not run again");
        line(lines, plan.finished(), "finished, will not run again");
        line(lines, plan.running(), "running now, shared");
        line(
                lines,
                plan.failed(),
                retryFailed ? "failed before, run again" : "failed before; --retry-failed runs them again");
        if (plan.pretrainings().total() > 0) {
            lines.add(pretrainings(plan.pretrainings()));
        }
        lines.addAll(reach(expansion));
        against(plan).ifPresent(lines::add);
        lines.add(cost(plan, retryFailed));
        if (plan.pretrainings().fresh() > 0) {
            lines.add(
                    plan.pretrainings()
                            .cost()
                            .map(time -> "Before them, the new pre-trainings: about " + Times.of(time)
                                    + " of device time, by finished ones of their profile and data")
                            .orElse(
                                    "Before them, the new pre-trainings: unknown, as none of their profile has finished on their data yet"));
        }
        return String.join(System.lineSeparator(), lines);
    }

    /** What the file alone tells. */
    public static String ofFile(SweepExpansion expansion) {
        SweepSpec spec = expansion.spec();
        long points = expansion.countPoints();
        List<String> lines = new ArrayList<>();
        lines.add(title(spec, points, points * spec.points().seeds().size()));
        lines.addAll(reach(expansion));
        return String.join(System.lineSeparator(), lines);
    }

    private static String title(SweepSpec spec, long points, long trials) {
        return String.format(
                Locale.ROOT,
                "Sweep %s, task %s: %s, %s with %s",
                spec.name(),
                spec.task(),
                Amount.of(points, "point"),
                Amount.of(trials, "trial"),
                Amount.of(spec.points().seeds().size(), "seed"));
    }

    private static Optional<String> against(SweepPlan plan) {
        if (plan.same().isPresent()) {
            SweepPlan.Same same = plan.same().get();
            return Optional.of("It is " + same.sweepId() + ", " + same.status()
                    + (same.further() > 0
                            ? ", which has " + Amount.of(same.further(), "further trial") + " of earlier files"
                            : ""));
        }
        return plan.change()
                .map(change -> String.format(
                        Locale.ROOT,
                        "Against %s: %d added, %d removed, %d unchanged",
                        change.sweepId(),
                        change.added(),
                        change.removed(),
                        change.unchanged()));
    }

    private static String cost(SweepPlan plan, boolean retryFailed) {
        if (plan.toRun(retryFailed) == 0) {
            return "Cost: none, as nothing is left to run";
        }
        return plan.cost()
                .map(cost -> String.format(
                        Locale.ROOT,
                        "Cost: about %s of device time%s, by %s like these",
                        Times.of(cost.deviceTime()),
                        cost.slots() > 1 ? ", " + Times.of(cost.elapsed()) + " with " + cost.slots() + " at once" : "",
                        Amount.of(cost.measured(), "finished trial")))
                .orElse("Cost: unknown, as no trial of this task has finished yet");
    }

    /** What early stopping lets the points reach. */
    private static List<String> reach(SweepExpansion expansion) {
        return StoppingReach.of(expansion)
                .map(reach -> {
                    StoppingReach.Rung first = reach.rungs().get(0);
                    StringBuilder line = new StringBuilder(
                            "Early stopping: " + Amount.of(first.points(), "point") + " to epoch " + first.epochs());
                    reach.rungs().stream()
                            .skip(1)
                            .forEach(rung -> line.append(", ")
                                    .append(rung.points())
                                    .append(" to epoch ")
                                    .append(rung.epochs()));
                    line.append(", ")
                            .append(reach.toEnd())
                            .append(" to the end, epoch ")
                            .append(reach.end());
                    if (reach.toEnd() == 0) {
                        line.append(", for which the rule needs ")
                                .append(Amount.of(reach.needed(), "point"))
                                .append("; when nothing else can start, the best that waits goes on to it");
                    }
                    return List.of(line.toString());
                })
                .orElse(List.of());
    }

    private static String pretrainings(SweepPlan.Pretrainings needed) {
        return String.format(
                Locale.ROOT,
                "Pre-trainings that the trials need: %d new, %d running, %d finished, %d failed before",
                needed.fresh(),
                needed.running(),
                needed.done(),
                needed.failed());
    }

    private static void line(List<String> lines, long count, String meaning) {
        if (count > 0) {
            lines.add(String.format(Locale.ROOT, "%9d  %s", count, meaning));
        }
    }
}
