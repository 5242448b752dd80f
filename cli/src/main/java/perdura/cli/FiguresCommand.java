package perdura.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.settings.Settings;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.SweepView;
import perdura.experiments.figure.RunFigures;
import perdura.experiments.figure.SweepFigures;
import perdura.experiments.figure.TrialFigures;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Verb;
import perdura.grids.spec.RunId;
import perdura.training.method.Figure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws the pictures of a pre-training, or what a parameter of a sweep does. */
@Command(
        name = "figures",
        description = {
            "Draw the pictures that a pre-training's method has, from its newest checkpoint.",
            "Some show images of the data set or text of its reports; the latter never go to MLflow.",
            "Of a trial on masks or boxes, take out those that its test has left.",
            "With --sweep: a curve and a table of a sweep's results over one parameter,",
            "with mean and standard deviation over seeds."
        })
final class FiguresCommand extends Subcommand.Connected {
    /** Decides which samples are shown where nobody asks for others. */
    static final long SEED = 114514;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RUN|SWEEP",
            description = "id of a pre-training, a trial or a sweep, or a sweep's name for the newest of it")
    private @Nullable String name;

    @Option(names = "--sweep", paramLabel = "SWEEP", description = "a sweep's id, or its name for the newest of it")
    private @Nullable String sweep;

    @Option(
            names = "--over",
            paramLabel = "PATH",
            description = "of a sweep: the parameter; default: the one that varies, seeds aside")
    private @Nullable String over;

    @Option(
            names = "--where",
            paramLabel = "PATH=VALUE",
            description = "of a sweep: the points at which another parameter that varies has this value")
    private Map<String, String> where = new LinkedHashMap<>();

    @Option(
            names = "--metrics",
            paramLabel = "KEY",
            split = ",",
            description = "of a sweep: what is shown, like test/auroc; default: what the sweep reports")
    private List<String> metrics = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", description = "where to; default: figures-RUN or figures-SWEEP, here")
    private @Nullable Path out;

    @Option(names = "--only", paramLabel = "N", split = ",", description = "some of them, like 1,2; default: all")
    private List<Integer> only = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "decides which samples are shown; default: ${DEFAULT-VALUE}")
    private long seed = SEED;

    @Option(names = "--device", paramLabel = "D", description = "auto, cpu or cuda:N; default: ${DEFAULT-VALUE}")
    private String device = "cpu";

    @Option(names = "--threads", paramLabel = "N", description = "that compute; default: all cores")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--log", description = "let MLflow have them too, with the run")
    private boolean log;

    @Override
    int run(Connections connections) {
        if ((name == null) == (sweep == null)) {
            throw wrong("give a RUN, or a sweep with --sweep");
        }
        Thing thing = sweep == null
                ? connections
                        .things()
                        .require(
                                Verb.FIGURES,
                                Objects.requireNonNull(name),
                                EnumSet.of(Kind.PRETRAINING, Kind.TRIAL, Kind.SWEEP))
                : connections.things().require(Verb.FIGURES, sweep, EnumSet.of(Kind.SWEEP));
        return thing.kind() == Kind.SWEEP
                ? ofSweep(connections, thing.id())
                : ofRun(connections, new RunId(thing.id()), thing.kind());
    }

    private int ofSweep(Connections connections, String idOrName) {
        if (log || !only.isEmpty()) {
            throw wrong("--log and --only are for the pictures of a run");
        }
        SweepView view = SweepView.load(connections.database(), idOrName, metrics);
        ParameterEffect effect = ParameterEffect.of(
                view.comparison(),
                over,
                where,
                metrics.isEmpty() ? view.comparison().objective().testKeys() : metrics);
        Path folder = out == null ? Path.of("figures-" + view.sweep().sweepId()) : out;
        SweepFigures.draw(view, effect, folder).forEach(file -> terminal.result(file.toString()));
        return 0;
    }

    private int ofRun(Connections connections, RunId wanted, Kind kind) {
        if (over != null || !where.isEmpty() || !metrics.isEmpty()) {
            throw wrong("--over, --where and --metrics are for the effect of a parameter of a sweep");
        }
        Settings settings = connections.settings();
        Path folder = out == null ? Path.of("figures-" + wanted) : out;
        if (kind == Kind.TRIAL) {
            if (!only.isEmpty()) {
                throw wrong("--only is for the pictures of a pre-training");
            }
            List<Path> copies = TrialFigures.copy(settings.artifacts(), wanted, folder);
            copies.forEach(file -> terminal.result(file.toString()));
            log(connections, settings, wanted, log ? copies : List.of());
            return 0;
        }
        RunFigures of = RunFigures.load(connections.database(), wanted);
        List<Figure> possible = new ArrayList<>();
        List<String> lacks = new ArrayList<>();
        for (Figure figure : wanted(of.all())) {
            of.findLack(figure).ifPresentOrElse(lacks::add, () -> possible.add(figure));
        }
        if (!possible.isEmpty()) {
            Map<Figure, List<Path>> drawn = of.draw(possible, folder, device, threads, seed, lacks::add);
            List<Path> logged = new ArrayList<>();
            drawn.forEach((figure, files) -> {
                files.forEach(file -> terminal.result(file.toString()));
                if (log && figure.showsReports()) {
                    terminal.message("Not for MLflow, as they show reports: " + files);
                } else if (log) {
                    logged.addAll(files);
                }
            });
            log(connections, settings, wanted, logged);
        }
        lacks.forEach(terminal::message);
        return lacks.isEmpty() ? 0 : 1;
    }

    private void log(Connections connections, Settings settings, RunId wanted, List<Path> files) {
        if (!files.isEmpty()) {
            RunFigures.LoggedFigures.log(connections.database(), settings.artifacts(), wanted, files);
            terminal.message("Queued for MLflow, with run " + wanted + ".");
        }
    }

    @Override
    Connections.Access access() {
        return log ? Connections.Access.CHANGE : Connections.Access.READ;
    }

    private List<Figure> wanted(List<Figure> all) {
        for (int number : only) {
            if (number < 1 || number > all.size()) {
                throw wrong("--only must be of 1 to " + all.size() + ", was " + number);
            }
        }
        return only.isEmpty()
                ? all
                : all.stream()
                        .filter(figure -> only.contains(all.indexOf(figure) + 1))
                        .toList();
    }
}
