package perdura.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.cli.compare.SideBySide;
import perdura.cli.settings.Settings;
import perdura.cli.words.Glyphs;
import perdura.cli.words.Json;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.MlflowPages;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.Database;
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
        ComparedThings things = load(connections.database());
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

    private ComparedThings load(Database database) {
        if (names.size() == 1 && new Sweeps(database).find(names.get(0)).isPresent()) {
            return ComparedThings.ofSweep(database, names.get(0), metrics, top);
        }
        return ComparedThings.ofRuns(database, names, metrics);
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
        things.overSeeds().ifPresent(groups -> {
            terminal.result("");
            terminal.result("Over seeds");
            terminal.result(new SideBySide(things.parameters(), groups, things.keys(), Glyphs.of(terminal))
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
                                    ? "no setting says where it is (--mlflow-uri); 'perdura doctor' tells more"
                                    : "'perdura mlflow sync' delivers what waits"));
        }
        terminal.message("Side by side, with parallel coordinates:");
        terminal.result(pages.get().compare());
        terminal.message("Curves of " + things.curveKey() + " in one chart:");
        terminal.result(pages.get().curves(things.curveKey()));
    }
}
