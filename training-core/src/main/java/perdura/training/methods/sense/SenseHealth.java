package perdura.training.methods.sense;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.OnceEvent;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.SenseSpec;

/**
 * What the losses alone don't tell. A queue whose keys are stale lets the training loss fall while nothing is learned: the features drift
 * along one direction, their spread does not grow, and S-MMC stays that of chance. Judged after a quarter of the epochs.
 */
record SenseHealth(SenseSpec spec, int batchSize) {
    /** (1-m) L/B above which keys of the queue were seen to be stale. */
    private static final double MOST_DRIFT = 0.05;

    /** Share of ln K above which the mean S-MMC counts as chance. */
    private static final double CHANCE = 0.98;

    /** How far the momentum weights move while a key is in the queue: (1-m) L/B. */
    double drift() {
        return (1 - spec.momentum()) * spec.queueLength() / batchSize;
    }

    /** What can be said before the first step. */
    List<OnceEvent> before(int studies, int clusters) {
        List<OnceEvent> events = new ArrayList<>();
        if (drift() > MOST_DRIFT * (1 + 1e-9)) {
            events.add(new OnceEvent(
                    "QUEUE_MAY_BE_STALE",
                    "run",
                    figures(
                            "(1 - momentum) x queueLength / batchSize is %.3f, above %.2f: old keys differ from new ones by age, and training may"
                                    + " fail although the losses fall; take a shorter queue or a greater momentum",
                            drift(), MOST_DRIFT)));
        }
        if (clusters < spec.clusters().count()) {
            events.add(new OnceEvent(
                    "FEWER_CLUSTERS",
                    "run",
                    "there are " + studies + " studies, less than 10 for each of clusters.count = "
                            + spec.clusters().count() + ": " + clusters + " clusters are made"));
        }
        return events;
    }

    /** What an epoch that has ended tells; none where it is too early or all is well. */
    List<OnceEvent> after(int epoch, EpochTotals totals, @Nullable PreparedClusters clusters) {
        List<OnceEvent> events = new ArrayList<>();
        if (clusters == null || 4 * (epoch + 1) < spec.plan().epochs()) {
            return events;
        }
        String help = "; a shorter queue or a greater momentum may help";
        if (epoch > spec.clusters().fromEpoch() && clusters.spread() <= totals.firstSpread()) {
            events.add(new OnceEvent(
                    "FEATURES_DO_NOT_SPREAD",
                    "run",
                    figures(
                            "epoch " + epoch
                                    + ": the spread of the study features is %.3f, not above the %.3f at the start"
                                    + help,
                            clusters.spread(),
                            totals.firstSpread())));
        }
        if (isAtChance(totals, clusters)) {
            events.add(new OnceEvent(
                    "MMC_LOSS_AT_CHANCE",
                    "run",
                    figures(
                            "epoch " + epoch + ": S-MMC is %.3f, that of chance is ln " + clusters.count() + " = %.3f"
                                    + help,
                            totals.means().get("mmc"),
                            Math.log(clusters.count()))));
        }
        return events;
    }

    private boolean isAtChance(EpochTotals totals, PreparedClusters clusters) {
        return spec.losses().mmcForm() == LossSpec.MmcForm.PROTO
                && clusters.count() > 1
                && totals.means().getOrDefault("mmc", 0.0) >= CHANCE * Math.log(clusters.count());
    }

    private static String figures(String format, @Nullable Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
