package perdura.training.figure;

import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.data.xy.DefaultXYZDataset;

/**
 * Distributions over the prototypes as strips below each other: x is the prototype's number, colour the weight.
 *
 * @param rows from above; a gap stands between groups
 * @param bar what the colours mean
 * @param most the upper end of the colours; the lower one is 0
 */
public record StripChart(String title, String subtitle, List<Row> rows, String bar, double most) {
    /** A strip, or a gap. */
    public static final class Row {
        public static final Row GAP = new Row("", new double[0]);

        private final String label;
        private final double[] weights;

        /** @param weights of each prototype; empty for a gap */
        public Row(String label, double[] weights) {
            this.label = label;
            this.weights = weights;
        }

        public double greatest() {
            return Arrays.stream(weights).max().orElse(0);
        }
    }

    private static final int ROW = 44;
    private static final int REST = 290;
    private static final int WIDTH = 1600;

    public Picture picture() {
        int height = REST + ROW * rows.size();
        return new Picture(
                WIDTH, height, graphics -> chart().draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, height)));
    }

    private JFreeChart chart() {
        int prototypes = rows.stream().mapToInt(row -> row.weights.length).max().orElseThrow();
        ColourScale scale = ColourScale.viridis(0, most);
        XYBlockRenderer blocks = new XYBlockRenderer();
        blocks.setPaintScale(scale);
        blocks.setBlockWidth(1);
        blocks.setBlockHeight(0.84);
        NumberAxis x = Style.axis(new NumberAxis("prototype"));
        x.setRange(-0.5, prototypes - 0.5);
        x.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        String[] labels = rows.stream().map(row -> row.label).toArray(String[]::new);
        SymbolAxis y = Style.axis(new SymbolAxis(null, labels));
        y.setGridBandsVisible(false);
        y.setInverted(true);
        y.setTickMarksVisible(false);
        y.setRange(-0.6, rows.size() - 0.4);
        XYPlot plot = new XYPlot(blocks(prototypes), x, y, blocks);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        JFreeChart chart = Style.chart(title, plot);
        plot.setOutlineVisible(false);
        Style.subtitle(chart, subtitle);
        chart.addSubtitle(Style.colourBar(scale, bar));
        chart.setAntiAlias(false); // or light seams show between neighbouring blocks
        chart.setTextAntiAlias(true);
        return chart;
    }

    private DefaultXYZDataset blocks(int prototypes) {
        int strips = (int) rows.stream().filter(row -> row.weights.length > 0).count();
        double[][] blocks = new double[3][strips * prototypes];
        int at = 0;
        for (int row = 0; row < rows.size(); row++) {
            double[] weights = rows.get(row).weights;
            for (int k = 0; k < weights.length; k++) {
                blocks[0][at] = k;
                blocks[1][at] = row;
                blocks[2][at] = weights[k];
                at++;
            }
        }
        DefaultXYZDataset data = new DefaultXYZDataset();
        data.addSeries("weights", blocks);
        return data;
    }
}
