package perdura.training.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/**
 * Means over the values of a setting, each with a bar from one standard deviation below to one above.
 *
 * @param x what the setting is
 * @param values of the setting, as people write them
 * @param places of the values on a linear axis, ascending; empty: they stand at equal distances, as words do and the logarithms of a geometric series
 * @param isJoined whether a line joins the means
 * @param y what is measured
 */
public record ErrorBarChart(
        String title,
        String subtitle,
        String x,
        List<String> values,
        List<Double> places,
        boolean isJoined,
        String y,
        List<Line> lines) {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 900;

    /** A line; NaN where a value has no mean, 0 where a mean has no deviation. */
    public static final class Line {
        private final String label;
        private final double[] means;
        private final double[] deviations;

        /** @param means one for each value */
        public Line(String label, double[] means, double[] deviations) {
            this.label = label;
            this.means = means.clone();
            this.deviations = deviations.clone();
        }
    }

    public Picture picture() {
        return new Picture(
                WIDTH, HEIGHT, graphics -> chart().draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT)));
    }

    private JFreeChart chart() {
        YIntervalSeriesCollection data = new YIntervalSeriesCollection();
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawXError(false);
        renderer.setDefaultLinesVisible(isJoined);
        for (Line line : lines) {
            int at = data.getSeriesCount();
            YIntervalSeries series = new YIntervalSeries(line.label);
            for (int i = 0; i < values.size(); i++) {
                if (!Double.isNaN(line.means[i])) {
                    double place = places.isEmpty() ? i : places.get(i);
                    series.add(
                            place,
                            line.means[i],
                            line.means[i] - line.deviations[i],
                            line.means[i] + line.deviations[i]);
                }
            }
            data.addSeries(series);
            Color colour = Style.CATEGORIES.get(at % Style.CATEGORIES.size());
            renderer.setSeriesPaint(at, colour);
            renderer.setSeriesStroke(at, new BasicStroke(2.5f));
        }
        renderer.setErrorStroke(new BasicStroke(1.5f));
        NumberAxis up = Style.axis(new NumberAxis(y));
        up.setAutoRangeIncludesZero(false);
        XYPlot plot = new XYPlot(data, across(), up, renderer);
        plot.setDomainGridlinePaint(new Color(0xe8e8e8));
        plot.setRangeGridlinePaint(new Color(0xe8e8e8));
        JFreeChart chart = Style.chart(title, plot);
        Style.subtitle(chart, subtitle);
        LegendTitle legend = new LegendTitle(plot);
        legend.setItemFont(Style.TICK);
        legend.setPosition(RectangleEdge.BOTTOM);
        chart.addLegend(legend);
        return chart;
    }

    private ValueAxis across() {
        if (places.isEmpty()) {
            SymbolAxis equal = Style.axis(new SymbolAxis(x, values.toArray(String[]::new)));
            equal.setGridBandsVisible(false);
            equal.setRange(-0.5, values.size() - 0.5);
            return equal;
        }
        NumberAxis linear = Style.axis(new NumberAxis(x));
        linear.setAutoRangeIncludesZero(false);
        return linear;
    }
}
