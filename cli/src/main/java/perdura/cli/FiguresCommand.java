package perdura.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.settings.Settings;
import perdura.experiments.figure.RunFigures;
import perdura.grids.spec.RunId;
import perdura.training.method.Figure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws the pictures of a pre-training. */
@Command(
        name = "figures",
        description = {
            "Draw the five pictures of a pre-training from its newest checkpoint:",
            "1 sentences on a plane, 2 prototypes that sentences ask for, 3 attention,",
            "4 reconstructions, 5 prototypes of reports and as predicted.",
            "3 and 4 show images of the data set."
        })
final class FiguresCommand extends Subcommand.Connected {
    @Parameters(index = "0", paramLabel = "RUN", description = "a pre-training's id")
    private @Nullable RunId runId;

    @Option(names = "--out", paramLabel = "DIR", description = "where to; default: figures-RUN, here")
    private @Nullable Path out;

    @Option(names = "--only", paramLabel = "N", split = ",", description = "some of them, like 1,2; default: all")
    private List<Integer> only = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "decides which samples are shown; default: ${DEFAULT-VALUE}")
    private long seed = 114514;

    @Option(names = "--device", paramLabel = "D", description = "auto, cpu or cuda:N; default: ${DEFAULT-VALUE}")
    private String device = "cpu";

    @Option(names = "--threads", paramLabel = "N", description = "that compute; default: all cores")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--log", description = "let MLflow have them too, with the run")
    private boolean log;

    @Override
    int run(Connections connections) {
        RunId wanted = Objects.requireNonNull(runId);
        Settings settings = connections.settings();
        RunFigures of = RunFigures.load(connections.database(), wanted);
        List<Figure> possible = new ArrayList<>();
        List<String> lacks = new ArrayList<>();
        for (Figure figure : wanted(of.all())) {
            of.findLack(figure).ifPresentOrElse(lacks::add, () -> possible.add(figure));
        }
        if (!possible.isEmpty()) {
            Path folder = out == null ? Path.of("figures-" + wanted) : out;
            List<Path> files = of.draw(possible, folder, device, threads, seed, lacks::add);
            if (log) {
                RunFigures.LoggedFigures.log(connections.database(), settings.artifacts(), wanted, files);
                terminal.message("Queued for MLflow, with run " + wanted + ".");
            }
            files.forEach(file -> terminal.result(file.toString()));
        }
        lacks.forEach(terminal::message);
        return lacks.isEmpty() ? 0 : 1;
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
