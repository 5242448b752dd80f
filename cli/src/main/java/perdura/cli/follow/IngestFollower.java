package perdura.cli.follow;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import perdura.cli.words.LiveLines;
import perdura.cli.words.LiveLines.Bar;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.grids.spec.Amount;
import perdura.store.Ingests;
import perdura.store.StoredIngest;

/** Shows an ingest until it ends. */
public final class IngestFollower {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final Duration ASK_EVERY = Duration.ofSeconds(10);

    private final LiveLines live;
    private final Ingests ingests;

    public IngestFollower(Terminal terminal, Ingests ingests) {
        this.live = new LiveLines(terminal);
        this.ingests = ingests;
    }

    /**
     * Follows until the ingest has ended, or until its workflow has without recording an end: a share of it then.
     *
     * @param running asks Temporal whether the workflow is running
     */
    public StoredIngest follow(String ingestId, BooleanSupplier running) throws InterruptedException {
        Instant nextQuestion = Instant.now().plus(ASK_EVERY);
        while (true) {
            StoredIngest ingest = ingests.loadIngest(ingestId);
            if (ingest.isEnded()) {
                live.clear();
                return ingest;
            }
            live.show(describe(ingest));
            if (Instant.now().isAfter(nextQuestion)) {
                nextQuestion = Instant.now().plus(ASK_EVERY);
                if (!running.getAsBoolean()) {
                    live.clear();
                    return ingests.loadIngest(ingestId);
                }
            }
            Thread.sleep(LOOK_EVERY.toMillis());
        }
    }

    private static String describe(StoredIngest ingest) {
        StoredIngest.Plan plan = ingest.plan();
        if (plan == null || plan.images() == 0) {
            return Bar.of(0) + "  reading the tables";
        }
        long images = plan.images();
        double share = (double) ingest.progress().images() / images;
        double seconds =
                Duration.between(ingest.identity().startedAt(), Instant.now()).toMillis() / 1e3;
        double rate = ingest.progress().images() / Math.max(seconds, 1e-3);
        String text = String.format(
                Locale.ROOT, "%s  image %d/%d", Bar.of(share), ingest.progress().images(), images);
        if (ingest.progress().images() > 0) {
            text += String.format(Locale.ROOT, "  %.0f images/s", rate);
            long left = (long) ((images - ingest.progress().images()) / rate);
            text += left > 0 ? "  ETA " + Times.of(Duration.ofSeconds(left)) : "  joining the parts";
        }
        return ingest.progress().faults() > 0
                ? text + "  " + Amount.of(ingest.progress().faults(), "fault")
                : text;
    }
}
