package perdura.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.report.PaperPage;
import perdura.cli.report.PaperPage.Drawn;
import perdura.cli.report.PaperPage.Image;
import perdura.cli.report.ReportFile;
import perdura.datasets.file.FileTree;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.SweepView;
import perdura.experiments.figure.RunFigures;
import perdura.experiments.figure.SweepFigures;
import perdura.experiments.paper.FilledPaper;
import perdura.experiments.paper.FilledPaper.FilledCurve;
import perdura.experiments.paper.FilledPaper.Pretraining;
import perdura.experiments.paper.PaperResults;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.training.method.Figure;
import perdura.training.method.Methods;
import perdura.training.method.Paper;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the page of a method's paper. */
@Command(
        name = "paper",
        description = {
            "Write the tables and figures of a method's paper as one HTML page that needs no other file: results of the store beside",
            "the paper's, how they were measured, and for what has not run the command that fills it.",
            "The same store gives the same page."
        })
final class PaperCommand extends Subcommand.Connected {
    private static final Map<String, String> TYPES =
            Map.of("png", "image/png", "svg", "image/svg+xml", "html", "text/html");

    @Parameters(index = "0", paramLabel = "METHOD", description = "whose paper; 'perdura methods' lists them")
    private @Nullable String method;

    @Option(names = "--out", paramLabel = "FILE", description = "where to; default: paper-METHOD.html, here")
    private @Nullable Path out;

    @Option(names = "--small", description = "from the small variants of the ready grids, where there are such")
    private boolean small;

    @Option(
            names = "--run",
            paramLabel = "RUN",
            description = "the pre-training that figures are drawn from; default: the method's newest that is finished")
    private @Nullable RunId run;

    @Option(
            names = "--with-reports",
            description =
                    "with the figures that show the text of reports; whoever may not read those may not read the page then")
    private boolean withReports;

    @Option(names = "--device", paramLabel = "D", description = "that draws figures; default: ${DEFAULT-VALUE}")
    private String device = "cpu";

    @Override
    int run(Connections connections) {
        String name = Objects.requireNonNull(method);
        PaperResults results =
                new PaperResults(connections.database(), Methods.load().named(name), small);
        FilledPaper filled = results.fill(run);
        List<Drawn> drawings = draw(connections, filled);
        Path file = out == null ? Path.of("paper-" + name + ".html") : out;
        ReportFile.write(
                file,
                PaperPage.html(
                        filled,
                        drawings,
                        connections
                                .settings()
                                .mlflow()
                                .map(server -> server.trackingUri().toString())
                                .orElse(null)));
        terminal.result(file.toString());
        return 0;
    }

    /** All of them, in the order of the paper, by way of a folder that goes afterwards. */
    private List<Drawn> draw(Connections connections, FilledPaper filled) {
        try {
            Path folder = Files.createTempDirectory("perdura-paper");
            try {
                return draw(connections, filled, folder);
            } finally {
                FileTree.delete(folder);
            }
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, "the temporary folder can't hold figures: " + e, e);
        }
    }

    private List<Drawn> draw(Connections connections, FilledPaper filled, Path folder) throws IOException {
        Map<Integer, Drawn> ofModel = ofModel(connections, filled, folder);
        List<Drawn> drawings = new ArrayList<>();
        for (Paper.Drawing drawing : filled.paper().drawings()) {
            if (drawing instanceof Paper.OfModel wanted) {
                drawings.add(Objects.requireNonNull(ofModel.get(wanted.number())));
            } else {
                for (FilledCurve curve : filled.curves()) {
                    if (curve.drawing().equals(drawing)) {
                        drawings.add(curve(curve, Files.createDirectories(folder.resolve(curve.grid()))));
                    }
                }
            }
        }
        return drawings;
    }

    private Drawn curve(FilledCurve curve, Path folder) throws IOException {
        SweepView view = curve.view();
        if (view == null) {
            return new Drawn(curve.drawing(), List.of(), "nothing of its sweep has run", List.of(curve.command()));
        }
        List<String> metrics = curve.drawing().metrics().stream()
                .map(metric -> "test/" + metric)
                .toList();
        try {
            ParameterEffect effect =
                    ParameterEffect.of(view.comparison(), curve.drawing().over(), Map.of(), metrics);
            List<Path> svg = SweepFigures.draw(view, effect, folder).stream()
                    .filter(file -> file.toString().endsWith(".svg"))
                    .toList();
            return new Drawn(
                    curve.drawing(),
                    images(svg),
                    "",
                    List.of(Advice.FIGURES_OVER.of(
                            view.sweep().sweepId(), curve.drawing().over())));
        } catch (PerduraException e) {
            return new Drawn(curve.drawing(), List.of(), String.valueOf(e.getMessage()), List.of(curve.command()));
        }
    }

    /** Figures of the newest pre-training, by their number. */
    private Map<Integer, Drawn> ofModel(Connections connections, FilledPaper filled, Path folder) throws IOException {
        Map<Integer, Drawn> drawn = new LinkedHashMap<>();
        for (Paper.Drawing drawing : filled.paper().drawings()) {
            if (drawing instanceof Paper.OfModel wanted) {
                drawn.put(
                        wanted.number(),
                        filled.pretraining()
                                .map(pretraining -> ofModel(connections, pretraining, wanted, folder))
                                .orElseGet(() -> new Drawn(
                                        wanted,
                                        List.of(),
                                        "no pre-training is finished",
                                        List.of(Advice.FIGURE.of("RUN", wanted.number())))));
            }
        }
        return drawn;
    }

    private Drawn ofModel(Connections connections, Pretraining pretraining, Paper.OfModel wanted, Path folder) {
        RunId id = pretraining.run().runId();
        String command = Advice.FIGURE.of(id, wanted.number());
        RunFigures figures = RunFigures.load(connections.database(), id);
        Figure figure = figures.all().get(wanted.number() - 1);
        if (figure.showsReports() && !withReports) {
            return new Drawn(
                    wanted,
                    List.of(),
                    "it shows the text of reports; --with-reports lets it onto the page",
                    List.of(
                            Advice.PAPER.of(String.valueOf(method)) + (small ? " --small" : "") + " --with-reports",
                            command));
        }
        List<String> lacks = new ArrayList<>();
        figures.findLack(figure).ifPresent(lacks::add);
        List<Image> images = List.of();
        if (lacks.isEmpty()) {
            Path own = folder.resolve("figure-" + wanted.number());
            List<Path> files = figures.draw(
                            List.of(figure),
                            own,
                            device,
                            Runtime.getRuntime().availableProcessors(),
                            FiguresCommand.SEED,
                            lacks::add)
                    .getOrDefault(figure, List.of());
            images = images(shown(files));
        }
        return new Drawn(wanted, images, String.join("; ", lacks), List.of(command));
    }

    /** Of a picture that is there as PNG and SVG, the latter; no lists of numbers. */
    private static List<Path> shown(List<Path> files) {
        return files.stream()
                .filter(file -> TYPES.containsKey(ending(file)))
                .filter(file -> !ending(file).equals("png")
                        || !files.contains(file.resolveSibling(
                                file.getFileName().toString().replace(".png", ".svg"))))
                .toList();
    }

    private static String ending(Path file) {
        return file.toString().substring(file.toString().lastIndexOf('.') + 1);
    }

    private static List<Image> images(List<Path> files) {
        List<Image> images = new ArrayList<>();
        for (Path file : files) {
            try {
                images.add(Image.of(TYPES.getOrDefault(ending(file), "image/png"), Files.readAllBytes(file)));
            } catch (IOException e) {
                throw new PerduraException(ErrorCode.ARTIFACT_STORE_UNAVAILABLE, file + " can't be read: " + e, e);
            }
        }
        return images;
    }
}
