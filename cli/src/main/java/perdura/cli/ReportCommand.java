package perdura.cli;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.cli.report.ReportFile;
import perdura.cli.settings.Settings;
import perdura.experiments.compare.SweepView;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a sweep as one HTML page. */
@Command(
        name = "report",
        description =
                "Write a sweep as one HTML page that needs no other file: tables, curves, what mattered, failures.")
final class ReportCommand extends Subcommand.Connected {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SWEEP",
            description = "a sweep's id, or its name for the newest of it")
    private @Nullable String sweep;

    @Option(names = "--out", paramLabel = "FILE", description = "where to; default: the sweep's id and .html, here")
    private @Nullable Path out;

    @Option(
            names = "--log",
            negatable = true,
            description = "let MLflow have it too, with the sweep's own run; default: if the sweep has ended")
    private @Nullable Boolean log;

    @Override
    int run(Connections connections) {
        if (sweep == null) {
            throw wrong("give a SWEEP, or 'paper' and a method");
        }
        Settings settings = connections.settings();
        ReportFile report = new ReportFile(connections.database());
        Thing thing = connections.things().require(Verb.SHOW, sweep, EnumSet.of(Thing.Kind.SWEEP));
        SweepView view = SweepView.load(connections.database(), thing.id(), List.of());
        String html = report.html(
                view,
                settings.mlflow().map(server -> server.trackingUri().toString()).orElse(null));
        String sweepId = view.sweep().sweepId();
        Path file = out == null ? Path.of(sweepId + ".html") : out;
        ReportFile.write(file, html);
        boolean wanted = log == null ? view.sweep().status().isTerminal() : log;
        if (wanted) {
            report.log(settings.artifacts(), html, view);
            terminal.message("Queued for MLflow, with run " + sweepId + ".");
        }
        terminal.result(file.toString());
        return 0;
    }

    @Override
    Connections.Access access() {
        return Boolean.FALSE.equals(log) ? Connections.Access.READ : Connections.Access.CHANGE;
    }
}
