package perdura.cli;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.compare.LeaderboardTable;
import perdura.cli.words.Glyphs;
import perdura.cli.words.Json;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.SweepView;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Verb;
import perdura.grids.spec.Amount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ranks the points of a sweep. */
@Command(
        name = "leaderboard",
        description = {
            "Show the points of a sweep, best first: mean and deviation over seeds, folds and other replicates.",
            "Points are ranked by the objective on validation data; what was measured on test data only stands beside it."
        })
final class LeaderboardCommand extends Subcommand.Connected {
    private static final int MOST_LACKS = 5;

    @Parameters(index = "0", paramLabel = "SWEEP", description = "a sweep's id, or its name for the newest of it")
    private @Nullable String sweep;

    @Option(names = "--top", paramLabel = "N", description = "show at most so many points; default: ${DEFAULT-VALUE}")
    private int top = 20;

    @Mixin
    private ResultFlags flags = new ResultFlags();

    @Override
    int run(Connections connections) {
        flags.checkCount("--top", top);
        Thing thing =
                connections.things().require(Verb.SHOW, Objects.requireNonNull(sweep), EnumSet.of(Thing.Kind.SWEEP));
        SweepView view = SweepView.load(connections.database(), thing.id(), List.of());
        Comparison comparison = view.comparison();
        LeaderboardTable table = new LeaderboardTable(comparison, Glyphs.of(terminal), flags.width());
        if (flags.isJson()) {
            terminal.result(Json.of(json(view)));
        } else if (flags.isCsv()) {
            terminal.result(table.csv());
        } else {
            print(view, table.text(top));
        }
        return 0;
    }

    private static Map<String, Object> json(SweepView view) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sweepId", view.sweep().sweepId());
        json.put("status", view.sweep().status());
        json.put("task", view.task());
        json.put("objective", view.comparison().objective());
        json.put("counts", view.comparison().counts());
        json.put("parameters", view.comparison().parameters());
        json.put("over", view.comparison().over());
        json.put("points", view.comparison().points());
        return json;
    }

    private void print(SweepView view, LeaderboardTable.Text text) {
        Comparison comparison = view.comparison();
        terminal.message(view.sweep().sweepId() + " " + view.sweep().status() + ": "
                + Amount.of(comparison.points().size(), "point") + ", "
                + Amount.of(comparison.trials().size(), "trial") + " ("
                + ComparedPoint.StateWords.of(comparison.counts()) + ")");
        if (!comparison.points().isEmpty()) {
            terminal.result(text.table());
        }
        int hidden = comparison.points().size() - top;
        if (hidden > 0) {
            terminal.message(
                    hidden + " more points; --top " + comparison.points().size() + " shows all.");
        }
        if (!text.leftOut().isEmpty()) {
            terminal.message(
                    "No place for " + String.join(", ", text.leftOut()) + "; --wide, --json and --csv have all.");
        }
        warn(comparison);
    }

    private void warn(Comparison comparison) {
        warnOfLacks(comparison);
        if (comparison.points().stream().anyMatch(point -> point.provisional() && point.rank() != null)) {
            terminal.message("~ nothing is finished: the best epoch so far of those on their way.");
        }
        comparison.points().stream()
                .filter(point -> Objects.equals(point.rank(), 1) && !point.isComplete() && !point.provisional())
                .findFirst()
                .ifPresent(first -> warnOfFirst(first, comparison.replicates()));
    }

    private void warnOfFirst(ComparedPoint first, List<String> replicates) {
        terminal.message("The first has " + first.objective().n() + " of "
                + first.trials().size() + (replicates.isEmpty() ? " seeds" : " trials")
                + ": its mean may yet change, or flatter it.");
    }

    private void warnOfLacks(Comparison comparison) {
        comparison.points().stream()
                .filter(point -> !point.lacking().isEmpty())
                .limit(MOST_LACKS)
                .forEach(point -> terminal.message("Point " + point.number() + " has no result of "
                        + String.join("; ", point.lacking()) + ", which others have."));
    }
}
