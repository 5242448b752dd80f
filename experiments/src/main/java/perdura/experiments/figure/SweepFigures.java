package perdura.experiments.figure;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.ParameterEffect.Level;
import perdura.experiments.compare.Summary;
import perdura.experiments.compare.SweepView;
import perdura.grids.spec.PerduraException;
import perdura.training.figure.ErrorBarChart;
import perdura.training.figure.Picture;
import perdura.training.figure.WholeFile;

/** The effect of a parameter of a sweep on its results, as a picture and as a table. */
public final class SweepFigures {
    private SweepFigures() {}

    /**
     * Draws {@code effect-PARAMETER.png} and {@code .svg}, and writes the same numbers as {@code effect-PARAMETER.md}.
     *
     * @return the files
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if the folder can't be written
     */
    public static List<Path> draw(SweepView view, ParameterEffect effect, Path folder) {
        String name = "effect-" + shortName(view, effect);
        Path png = folder.resolve(name + ".png");
        Path svg = folder.resolve(name + ".svg");
        Path table = folder.resolve(name + ".md");
        Picture picture = chart(view, effect).picture();
        picture.writePng(png);
        picture.writeSvg(svg);
        byte[] text = table(view, effect).getBytes(StandardCharsets.UTF_8);
        WholeFile.write(table, Picture.REMEDY, out -> out.write(text));
        return List.of(png, svg, table);
    }

    private static String shortName(SweepView view, ParameterEffect effect) {
        return view.comparison().parameters().shortName(effect.path());
    }

    private static ErrorBarChart chart(SweepView view, ParameterEffect effect) {
        boolean isPercent = effect.metrics().stream().allMatch(ParameterEffect::isShare);
        double scale = isPercent ? 100 : 1;
        List<ErrorBarChart.Line> lines = new ArrayList<>();
        for (String metric : effect.metrics()) {
            lines.add(new ErrorBarChart.Line(
                    metric,
                    column(effect, metric, scale, summary -> orElse(summary.mean(), Double.NaN)),
                    column(effect, metric, scale, summary -> orElse(summary.std(), 0))));
        }
        List<Double> places = effect.isNumeric() && !effect.isGeometric()
                ? effect.levels().stream()
                        .map(level -> Objects.requireNonNull(level.number()))
                        .toList()
                : List.of();
        return new ErrorBarChart(
                shortName(view, effect) + ", sweep " + view.sweep().sweepId(),
                "mean and standard deviation over " + view.comparison().over() + held(effect),
                effect.path(),
                effect.levels().stream().map(Level::value).toList(),
                places,
                effect.isNumeric(),
                isPercent ? "%" : "value",
                lines);
    }

    private static String held(ParameterEffect effect) {
        return effect.fixed().entrySet().stream()
                .map(held -> ", " + held.getKey() + " " + held.getValue())
                .collect(Collectors.joining());
    }

    private static double[] column(
            ParameterEffect effect, String metric, double scale, ToDoubleFunction<Summary> number) {
        return effect.levels().stream()
                .mapToDouble(level -> scale * number.applyAsDouble(summary(level, metric)))
                .toArray();
    }

    private static double orElse(@Nullable Double value, double other) {
        return value == null ? other : value;
    }

    private static Summary summary(Level level, String metric) {
        return Objects.requireNonNull(level.metrics().get(metric));
    }

    private static String table(SweepView view, ParameterEffect effect) {
        StringBuilder text = new StringBuilder();
        text.append("Sweep ")
                .append(view.sweep().sweepId())
                .append(", mean ± sample standard deviation over ")
                .append(view.comparison().over())
                .append(held(effect))
                .append(".\n\n| `")
                .append(effect.path())
                .append("` | trials |");
        effect.metrics()
                .forEach(metric ->
                        text.append(' ').append(metric).append(ParameterEffect.isShare(metric) ? ", % |" : " |"));
        text.append("\n|---|---|")
                .append("---|".repeat(effect.metrics().size()))
                .append('\n');
        for (Level level : effect.levels()) {
            text.append("| ")
                    .append(level.value())
                    .append(" | ")
                    .append(level.trials())
                    .append(" |");
            for (String metric : effect.metrics()) {
                text.append(' ')
                        .append(cell(level.trials(), metric, summary(level, metric)))
                        .append(" |");
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String cell(int trials, String metric, Summary summary) {
        double scale = ParameterEffect.isShare(metric) ? 100 : 1;
        if (summary.mean() == null) {
            return "–";
        }
        String mean = String.format(Locale.ROOT, scale == 100 ? "%.2f" : "%.4g", scale * summary.mean());
        String spread = summary.std() == null
                ? ""
                : String.format(Locale.ROOT, scale == 100 ? " ± %.2f" : " ± %.4g", scale * summary.std());
        return mean + spread + (summary.n() < trials ? " (of " + summary.n() + ")" : "");
    }
}
