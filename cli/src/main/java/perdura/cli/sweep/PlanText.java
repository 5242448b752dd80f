package perdura.cli.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import perdura.cli.words.Times;
import perdura.experiments.plan.SweepPlan;
import perdura.grids.spec.SweepSpec;

/** A plan in words. */
public final class PlanText {
    private PlanText() {}

    /** A few lines. */
    public static String of(SweepSpec spec, SweepPlan plan) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "Sweep %s, task %s: %s, %s with %s",
                spec.name(),
                spec.task(),
                count(plan.points(), "point"),
                count(plan.total(), "trial"),
                count(spec.points().seeds().size(), "seed")));
        line(lines, plan.fresh(), "new");
        line(lines, plan.begun(), "begun before, go on from their checkpoints");
        line(lines, plan.held(), "ended by early stopping, will not run again");
        line(lines, plan.done(), "done, will not run again");
        line(lines, plan.elsewhere(), "running now, shared");
        line(lines, plan.failed(), "failed before; --retry-failed runs them again");
        if (plan.pretrainings().total() > 0) {
            lines.add(pretrainings(plan.pretrainings()));
        }
        plan.change()
                .ifPresent(change -> lines.add(String.format(
                        Locale.ROOT,
                        "Against %s: %d added, %d removed, %d unchanged",
                        change.sweepId(),
                        change.added(),
                        change.removed(),
                        change.unchanged())));
        lines.add(plan.cost()
                .map(cost -> String.format(
                        Locale.ROOT,
                        "Cost: about %s of device time%s, by %s like these",
                        Times.of(cost.deviceTime()),
                        cost.slots() > 1 ? ", " + Times.of(cost.elapsed()) + " with " + cost.slots() + " at once" : "",
                        count(cost.measured(), "finished trial")))
                .orElse("Cost: unknown, as no trial of this task has finished yet"));
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

    private static String pretrainings(SweepPlan.Pretrainings needed) {
        return String.format(
                Locale.ROOT,
                "Pre-trainings that the trials need: %d new, %d running, %d done, %d failed before",
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

    private static String count(long count, String word) {
        return count + " " + word + (count == 1 ? "" : "s");
    }
}
