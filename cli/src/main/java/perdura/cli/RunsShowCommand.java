package perdura.cli;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import perdura.cli.settings.Settings;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Times;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.MlflowPages;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Verb;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Attempt;
import perdura.store.Attempts;
import perdura.store.Checkpoints;
import perdura.store.Events.Event;
import perdura.store.Forks;
import perdura.store.Forks.Fork;
import perdura.store.Metrics;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.store.SweepResults;
import perdura.training.method.Methods;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows everything about one run. */
@Command(name = "show", description = "Show a run: state, newest metrics, attempts, checkpoints, events.")
final class RunsShowCommand extends Subcommand.Connected {
    @Parameters(index = "0", paramLabel = "RUN", description = "the run's id")
    private String name = "";

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    int run(Connections connections) {
        Thing thing = connections.things().require(Verb.SHOW, name, EnumSet.of(Kind.PRETRAINING, Kind.TRIAL));
        RunId wanted = new RunId(thing.id());
        Settings settings = connections.settings();
        Run run = connections.runs().loadRun(wanted);
        Optional<String> page = MlflowPages.OfRun.find(settings.mlflow(), run);
        List<MetricPoint> latest = new Metrics(connections.database()).listLatest(wanted);
        List<Attempt> attempts = new Attempts(connections.database()).listAttempts(wanted);
        List<StoredCheckpoint> checkpoints = new Checkpoints(connections.database()).listCheckpoints(wanted);
        Optional<Long> best = new Checkpoints(connections.database())
                .findBest(wanted)
                .map(point -> point.position().step());
        List<Event> events = connections.events().listEvents(wanted);
        Optional<SweepResults.Membership> member = new SweepResults(connections.database()).findMembership(wanted);
        Forks forks = new Forks(connections.database());
        List<Fork> lineage = forks.lineage(wanted);
        List<Fork> forked = forks.listForks(wanted);
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("run", RunsCommands.view(run));
            all.put("sweep", member.orElse(null));
            all.put("mlflowPage", page.orElse(null));
            all.put("spec", run.identity().spec());
            all.put("metrics", latest);
            all.put("attempts", attempts);
            all.put("checkpoints", checkpoints);
            all.put("events", events);
            all.put("lineage", lineage);
            all.put("forks", forked);
            terminal.result(Json.of(all));
        } else {
            print(run, member, page, lineage, forked);
            print(latest, attempts, checkpoints, best, events);
        }
        return 0;
    }

    private void print(
            Run run,
            Optional<SweepResults.Membership> member,
            Optional<String> page,
            List<Fork> lineage,
            List<Fork> forked) {
        Table facts = new Table("RUN", run.runId().value());
        facts.row("experiment", run.identity().experiment());
        facts.row("status", run.progress().paused() ? run.status() + " (paused)" : run.status());
        member.ifPresent(of -> facts.row("sweep", of.sweepId() + ", " + ComparedPoint.StateWords.word(of.state())));
        facts.row(
                "step",
                run.progress().position().step() + " of "
                        + (run.progress().totalSteps() == null
                                ? "?"
                                : run.progress().totalSteps()));
        facts.row("state digest", run.progress().stateDigest());
        facts.row("data digest", run.binding().dataDigest());
        facts.row("spec hash", run.identity().specHash());
        facts.row("threads", run.binding().threads());
        lineage.forEach(fork -> facts.row("from", fork.runId() + ": " + fork.sentence()));
        forked.forEach(fork -> facts.row("forked as", fork.runId() + ", from stage " + fork.stage() + " on"));
        if (run.identity().kind() == RunKind.PRETRAIN) {
            PretrainSpecs specs = Methods.load().specs();
            PretrainSpec trained = specs.readStored(run.identity().spec());
            List<String> deviations = specs.deviations(trained);
            String authors = trained.method().name().toUpperCase(Locale.ROOT);
            facts.row("deviates from " + authors, deviations.isEmpty() ? "-" : deviations.get(0));
            deviations.stream().skip(1).forEach(deviation -> facts.row("", deviation));
        }
        facts.row("created", Times.of(run.createdAt()));
        facts.row("MLflow run", run.mlflow().runId());
        page.ifPresent(address -> facts.row("MLflow page", address));
        if (run.outcome().errorCode() != null) {
            facts.row("error", run.outcome().errorCode() + ": " + run.outcome().errorMessage());
        }
        terminal.result(facts.toString());
    }

    private void print(
            List<MetricPoint> latest,
            List<Attempt> attempts,
            List<StoredCheckpoint> checkpoints,
            Optional<Long> best,
            List<Event> events) {
        Table metrics = new Table("METRIC", "VALUE", "STEP");
        latest.forEach(point -> metrics.row(point.key(), point.value(), point.step()));
        section("Newest metrics", metrics, latest);

        Table tries = new Table("ATTEMPT", "WORKER", "FROM STEP", "CLAIMED", "ENDED", "OUTCOME", "ENVIRONMENT");
        attempts.forEach(attempt -> tries.row(
                attempt.fence(),
                attempt.worker(),
                attempt.fromStep(),
                Times.of(attempt.claimedAt()),
                attempt.end().endedAt() == null ? "-" : Times.of(attempt.end().endedAt()),
                attempt.end().outcome(),
                attempt.fingerprint()));
        section("Attempts", tries, attempts);

        Table states = new Table("CHECKPOINT", "STATE", "SCORE", "BYTES", "COMMITTED", "PLACE");
        checkpoints.forEach(point -> states.row(
                point.position().step(),
                point.state(),
                score(point, best),
                point.files().bytes(),
                Times.of(point.committedAt()),
                point.files().uri()));
        section("Checkpoints", states, checkpoints);

        Table happened = new Table("TIME", "EVENT", "DETAIL");
        events.forEach(event -> happened.row(Times.of(event.at()), event.kind(), event.detail()));
        section("Events", happened, events);
    }

    private static String score(StoredCheckpoint point, Optional<Long> best) {
        if (point.score() == null) {
            return "-";
        }
        boolean isBest = best.filter(step -> step == point.position().step()).isPresent();
        return isBest ? point.score() + " (best)" : point.score().toString();
    }

    private void section(String title, Table table, List<?> rows) {
        if (!rows.isEmpty()) {
            terminal.result("");
            terminal.result(title);
            terminal.result(table.toString());
        }
    }
}
