package perdura.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import perdura.cli.compare.SideBySide;
import perdura.cli.settings.Settings;
import perdura.cli.words.Glyphs;
import perdura.cli.words.Json;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.Curves;
import perdura.experiments.compare.MlflowPages;
import perdura.experiments.compare.RunsView;
import perdura.experiments.compare.SweepView;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Things;
import perdura.experiments.steer.Verb;
import perdura.grids.spec.Advice;
import perdura.grids.spec.Amount;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ObjectiveSpec.Goal;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.TrialState;
import perdura.store.Database;
import perdura.store.Metrics;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.store.Sweeps;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts runs, or the points of a sweep, beside each other. */
@Command(
        name = "compare",
        description = {
            "Put runs, or the best points of a sweep, beside each other: the parameters that differ, metrics, curves.",
            "Runs that differ in nothing but the seed are also told as mean and deviation."
        })
final class CompareCommand extends Subcommand.Connected {
    @Parameters(
            index = "0..*",
            arity = "1..*",
            paramLabel = "RUN|SWEEP",
            description = "ids of runs, or the id or name of one sweep")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--metric",
            paramLabel = "KEY",
            description = "show these metrics; the first one's curve is drawn. May be repeated")
    private List<String> metrics = new ArrayList<>();

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "of a sweep, so many of the best points; default: ${DEFAULT-VALUE}")
    private int top = 8;

    @Option(names = "--open", description = "print the addresses of MLflow's own pages: compare view, joint curves")
    private boolean open;

    @Mixin
    private ResultFlags flags = new ResultFlags();

    @Override
    int run(Connections connections) {
        flags.checkCount("--top", top);
        Settings settings = connections.settings();
        ComparedThings things = load(connections.database(), connections.things());
        if (open) {
            printPages(settings, things);
            return 0;
        }
        SideBySide table = new SideBySide(things.parameters(), things.columns(), things.keys(), Glyphs.of(terminal));
        if (flags.isJson()) {
            terminal.result(Json.of(json(things)));
        } else if (flags.isCsv()) {
            terminal.result(table.csv());
        } else {
            print(things, table);
        }
        return 0;
    }

    private ComparedThings load(Database database, Things things) {
        List<Thing> all = names.stream()
                .distinct()
                .map(name -> things.require(Verb.COMPARE, name, EnumSet.of(Kind.PRETRAINING, Kind.TRIAL, Kind.SWEEP)))
                .toList();
        if (all.size() == 1 && all.get(0).kind() == Kind.SWEEP) {
            return ComparedThings.ofSweep(database, all.get(0).id(), metrics, top);
        }
        List<RunId> runs = new ArrayList<>();
        for (Thing one : all) {
            if (one.kind() == Kind.SWEEP) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        one.id() + " is a sweep; compare takes one sweep, or runs, not " + all.size()
                                + " things with a sweep among them");
            }
            runs.add(new RunId(one.id()));
        }
        return ComparedThings.ofRuns(database, runs, metrics);
    }

    private static Map<String, Object> json(ComparedThings things) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("parameters", things.parameters());
        json.put("metrics", things.keys());
        json.put("curve", things.curveKey());
        json.put("columns", things.columns());
        return json;
    }

    private void print(ComparedThings things, SideBySide table) {
        terminal.message(things.title());
        terminal.result(table.text(things.curveKey(), flags.width()));
        things.means().ifPresent(means -> {
            terminal.result("");
            terminal.result("Over " + means.over());
            terminal.result(new SideBySide(things.parameters(), means.columns(), things.keys(), Glyphs.of(terminal))
                    .text(things.curveKey(), flags.width()));
        });
        if (things.parameters().differing().isEmpty()) {
            terminal.message("No parameter differs.");
        }
    }

    private void printPages(Settings settings, ComparedThings things) {
        List<ComparedTrial> trials = things.columns().stream()
                .flatMap(column -> column.point().trials().stream())
                .toList();
        Optional<MlflowPages> pages = settings.mlflow()
                .flatMap(server -> MlflowPages.find(server.trackingUri().toString(), trials));
        if (pages.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "MLflow has none of these runs yet: "
                            + (settings.mlflow().isEmpty()
                                    ? "no setting says where it is (--mlflow-uri); " + Advice.DOCTOR.in()
                                            + " tells more"
                                    : Advice.MLFLOW_SYNC.in() + " delivers what waits"));
        }
        terminal.message("Side by side, with parallel coordinates:");
        terminal.result(pages.get().compare());
        terminal.message("Curves of " + things.curveKey() + " in one chart:");
        terminal.result(pages.get().curves(things.curveKey()));
    }

    /**
     * What {@code compare} shows.
     *
     * @param means the same runs by point, if some of them differ in nothing but the seed and other replicates
     */
    private record ComparedThings(
            String title,
            Comparison.Differences parameters,
            List<SideBySide.Column> columns,
            List<String> keys,
            String curveKey,
            Optional<Means> means) {
        private record Means(String over, List<SideBySide.Column> columns) {}

        /** Curves of which the first that the runs have is drawn, unless somebody asks for another. */
        private static final List<String> CURVES = List.of("validation/auroc", "validation/loss", "train/loss");

        static ComparedThings ofSweep(Database database, String idOrName, List<String> metrics, int top) {
            StoredSweep sweep = new Sweeps(database).load(idOrName);
            List<TrialRow> rows = new SweepResults(database).list(sweep.sweepId());
            Comparison.Objective objective = SweepView.objective(sweep);
            Set<String> keys = new LinkedHashSet<>(metrics);
            if (metrics.isEmpty()) {
                keys.add(objective.bestKey());
                keys.addAll(objective.testKeys());
            }
            Comparison comparison = SweepView.of(sweep, rows, keys).comparison();
            String curveKey = metrics.isEmpty() ? objective.curveKey() : metrics.get(0);
            List<ComparedPoint> shown = comparison.points().stream().limit(top).toList();
            Curves curves = Curves.load(new Metrics(database), curveKey, trials(shown));
            String title = sweep.sweepId() + ": the best " + shown.size() + " of "
                    + Amount.of(comparison.points().size(), "point");
            return new ComparedThings(
                    title,
                    comparison.parameters(),
                    columns(shown, curves, point -> "#" + (point.rank() == null ? "-" : point.rank())),
                    List.copyOf(keys),
                    curveKey,
                    Optional.empty());
        }

        static ComparedThings ofRuns(Database database, List<RunId> ids, List<String> metrics) {
            List<ComparedTrial> trials = RunsView.load(database, ids);
            Set<String> known = new LinkedHashSet<>();
            trials.forEach(trial -> known.addAll(trial.metrics().keySet()));
            List<String> keys = metrics.isEmpty() ? List.copyOf(known) : metrics;
            String curveKey = metrics.isEmpty() ? curve(known) : metrics.get(0);
            Curves curves = Curves.load(new Metrics(database), curveKey, trials);
            Comparison.Objective objective = new Comparison.Objective(curveKey, Goal.MAX, List.of());
            Comparison grouped = Comparison.of(trials, objective, keys, List.of(), RunsView.replicates(trials));
            List<SideBySide.Column> columns = new ArrayList<>();
            for (ComparedTrial trial : trials) {
                ComparedPoint point = Comparison.ofRun(trial, keys);
                columns.add(new SideBySide.Column(
                        trial.name(),
                        "seed " + grouped.replicate(trial) + ", " + ComparedPoint.StateWords.word(trial.state()),
                        point,
                        curves.of(trial)));
            }
            return new ComparedThings(
                    Amount.of(trials.size(), "run"),
                    grouped.parameters(),
                    columns,
                    keys,
                    curveKey,
                    Optional.of(grouped.points())
                            .filter(points -> points.size() < trials.size())
                            .map(points -> new Means(grouped.over(), columns(points, curves, ComparedThings::runs))));
        }

        private static String curve(Set<String> known) {
            return CURVES.stream()
                    .filter(known::contains)
                    .findFirst()
                    .orElse(known.stream().findFirst().orElse("-"));
        }

        private static List<ComparedTrial> trials(List<ComparedPoint> points) {
            return points.stream().flatMap(point -> point.trials().stream()).toList();
        }

        private static String runs(ComparedPoint point) {
            return Amount.of(point.trials().size(), "run");
        }

        private static List<SideBySide.Column> columns(
                List<ComparedPoint> points, Curves curves, Function<ComparedPoint, String> header) {
            return points.stream()
                    .map(point -> {
                        int finished = point.counts().getOrDefault(TrialState.FINISHED, 0);
                        String facts = finished + " of " + point.trials().size();
                        return new SideBySide.Column(header.apply(point), facts, point, curves.mean(point));
                    })
                    .toList();
        }
    }
}
