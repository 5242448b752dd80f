package perdura.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.LiveLines;
import perdura.grids.spec.Advice;
import perdura.grids.spec.Amount;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Sweeps;
import perdura.store.relay.MlflowConfig;
import perdura.store.relay.MlflowRelay;
import perdura.store.relay.Outbox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that deliver to MLflow what the store has. */
final class MlflowCommands {
    private MlflowCommands() {}

    /** Delivers, after what a command has made ready for it. */
    private abstract static class Delivering extends Subcommand.Changing {
        @Option(names = "--patience", paramLabel = "TIME", description = "how long to try; default: 10m")
        private Duration patience = Duration.ofMinutes(10);

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        final int run(Connections connections) {
            MlflowConfig mlflow = connections
                    .settings()
                    .mlflow()
                    .orElseThrow(() -> new PerduraException(
                            ErrorCode.SERVICE_UNAVAILABLE,
                            "no setting says where MLflow is; set PERDURA_MLFLOW_URL, or start the local stack with "
                                    + Advice.UP.in() + " on a machine with Python 3"));
            Outbox outbox = new Outbox(connections.database());
            Instant begun = outbox.now();
            Runnable afterwards = prepare(connections, outbox);
            try (MlflowRelay relay = new MlflowRelay(connections.database(), mlflow, DurableEffects.counting())) {
                LiveLines live = new LiveLines(terminal);
                MlflowRelay.Report report = relay.drain(
                        patience, rows -> live.show("delivering to MLflow: " + Amount.of(rows, "row") + " left"));
                live.clear();
                int exitCode = report(report, outbox.countSent(begun), outbox.listParked(), mlflow);
                afterwards.run();
                return exitCode;
            }
        }

        /** Makes rows ready to be sent; returns what tells of them when that is done. */
        abstract Runnable prepare(Connections connections, Outbox outbox);

        /** @param delivered rows, by whichever relay: that of a worker helps */
        private int report(MlflowRelay.Report report, long delivered, List<Outbox.Parked> parked, MlflowConfig mlflow) {
            if (json) {
                Map<String, @Nullable Object> all = new LinkedHashMap<>();
                all.put("mlflow", mlflow.trackingUri().toString());
                all.put("delivered", delivered);
                all.put("pending", report.pending());
                all.put("parked", parked);
                all.put("lastError", report.lastError());
                terminal.result(Json.of(all));
            } else {
                terminal.result("delivered " + delivered + ", pending " + report.pending() + ", parked "
                        + report.parked() + " (" + mlflow.trackingUri() + ")");
            }
            parked.forEach(
                    row -> terminal.message("parked: " + row.kind() + " of run " + row.runId() + ": " + row.reason()));
            if (report.pending() > 0) {
                terminal.message(
                        "MLflow did not take everything: " + report.lastError() + ". Nothing is lost; try again.");
            }
            return report.pending() == 0 && report.parked() == 0 ? 0 : 1;
        }
    }

    /** Delivers what waits for MLflow. */
    @Command(name = "sync", description = "Deliver everything that waits in the outbox to MLflow, each point once.")
    static final class Sync extends Delivering {
        @Option(
                names = "--retry-parked",
                description =
                        "try rows that were set aside for an error at once; by themselves they are tried again after"
                                + " a minute, then ever more seldom, at least once an hour")
        private boolean retryParked;

        @Override
        Runnable prepare(Connections connections, Outbox outbox) {
            List<Outbox.Parked> retried = retryParked ? outbox.listParked() : List.of();
            if (retryParked) {
                outbox.retryParked();
            }
            return () -> {
                if (retryParked) {
                    long left = outbox.countNotSent(retried);
                    terminal.message("Of " + retried.size() + " row(s) that were set aside, " + (retried.size() - left)
                            + " are delivered now and " + left + " are not.");
                }
            };
        }
    }

    /** Sends again what MLflow has lost. */
    @Command(
            name = "resend",
            description =
                    "Send everything of a run, of a sweep with its trials, or of all runs to MLflow again, from the"
                            + " store: a run that MLflow has lost is made again, and what it has is not doubled.")
    static final class Resend extends Delivering {
        @Parameters(arity = "0..1", paramLabel = "RUN|SWEEP", description = "the run or the sweep")
        private @Nullable String name;

        @Option(names = "--all", description = "all runs of the store")
        private boolean all;

        @Override
        Runnable prepare(Connections connections, Outbox outbox) {
            if (all == (name != null)) {
                throw wrong("name a run or a sweep, or say --all");
            }
            List<RunId> runs = name == null ? outbox.listRuns() : listRuns(connections, outbox, name);
            int rows = outbox.resend(runs);
            terminal.message(rows + " row(s) of " + runs.size() + " run(s) are sent again.");
            return () -> {};
        }

        /** @throws PerduraException NOT_FOUND, with the nearest names */
        private static List<RunId> listRuns(Connections connections, Outbox outbox, String name) {
            String id = new Sweeps(connections.database())
                    .find(name)
                    .map(sweep -> sweep.sweepId())
                    .orElse(name);
            List<RunId> runs = outbox.listRuns(id);
            if (runs.isEmpty()) {
                List<String> known = Stream.concat(
                                outbox.listRuns().stream().map(RunId::value),
                                new Sweeps(connections.database())
                                        .listSweeps().stream()
                                                .map(sweep -> sweep.identity().name()))
                        .toList();
                throw new PerduraException(
                        ErrorCode.NOT_FOUND,
                        "neither a run nor a sweep is called " + name + Nearest.hint(name, known) + "; "
                                + Advice.RUNS_LIST.in() + " and " + Advice.SWEEP_LIST.in() + " show all");
            }
            return runs;
        }
    }
}
