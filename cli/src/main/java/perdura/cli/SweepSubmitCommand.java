package perdura.cli;

import java.time.Duration;
import java.util.Optional;
import perdura.cli.sweep.PlanText;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepSubmission;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.spec.Amount;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.store.StoredSweep;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Submits a sweep. */
@Command(
        name = "submit",
        description = {
            "Run what is missing of a sweep, and follow it. The file is checked first: nothing starts on bad input.",
            "The same sweep again goes on with what is left of it; an edited one runs only what is new.",
            "Ctrl-C leaves the sweep alone; 'perdura sweep watch' comes back to it."
        })
final class SweepSubmitCommand extends Subcommand.Changing {
    /** What is larger is asked about. */
    private static final long LARGE = 1_000;

    private static final Duration LONG = Duration.ofHours(24);

    @Mixin
    private SweepFlags flags = new SweepFlags();

    @Option(names = "--retry-failed", description = "run trials again that failed before")
    private boolean retryFailed;

    @Option(names = "--detach", description = "start the sweep and return")
    private boolean detach;

    @Override
    int run(Connections connections) throws InterruptedException {
        SweepSubmission submission = new SweepSubmission(connections.database(), connection.artifacts());
        SweepExpansion expansion = submission.read(flags.name(), flags::read);
        SweepPlan plan = submission.plan(expansion, retryFailed);
        terminal.message(PlanText.of(expansion, plan, retryFailed));
        Optional<StoredSweep> same = submission.findSame(expansion, plan);
        if (same.isPresent() && isDone(same.get(), plan)) {
            terminal.message("Nothing is left to run: " + same.get().sweepId() + " has all results.");
            terminal.result(same.get().sweepId());
            return 0;
        }
        same.ifPresent(sweep -> SweepCommands.requireUnspent(
                connections.sweepControl(),
                sweep,
                retryFailed ? expansion.spec().forRetry() : expansion.spec()));
        SweepStarter starter = connections.sweepStarter();
        if (plan.toRun(retryFailed) > 0) {
            confirm(plan);
        }
        same.filter(sweep -> !sweep.status().isTerminal())
                .ifPresent(sweep ->
                        terminal.message("This sweep is " + sweep.status() + " already, as " + sweep.sweepId() + "."));
        String sweepId = submission.submit(expansion, plan, retryFailed);
        starter.start(sweepId);
        terminal.message("Sweep " + sweepId + " is under way.");
        if (detach) {
            terminal.result(sweepId);
            return 0;
        }
        return connections.followedSweep().followToEnd(sweepId);
    }

    private boolean isDone(StoredSweep same, SweepPlan plan) {
        return same.status().isTerminal() && plan.toRun(retryFailed) == 0 && plan.running() == 0;
    }

    private void confirm(SweepPlan plan) {
        long trials = plan.toRun(retryFailed);
        boolean isLong = plan.deviceTime().compareTo(LONG) > 0;
        if (flags.yes() || (trials <= LARGE && !isLong)) {
            return;
        }
        if (!terminal.interactive()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "this would run " + Amount.of(trials, "trial")
                            + ", and there is no terminal to confirm it on; repeat with --yes");
        }
        if (!terminal.confirms("Run " + Amount.of(trials, "trial") + "?")) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, "not confirmed; nothing was started");
        }
    }
}
