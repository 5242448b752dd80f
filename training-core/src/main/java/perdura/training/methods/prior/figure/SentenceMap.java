package perdura.training.methods.prior.figure;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import perdura.training.figure.Picture;
import perdura.training.figure.Style;

/**
 * Figure 1 (prior.md 5): sentence vectors on a plane, side by side, with one colour for each of the prototypes that most sentences take. Where
 * both sides are coloured alike, neighbours that change are seen.
 *
 * @param points in one order on both sides
 * @param left heading
 */
record SentenceMap(List<Point> points, String left, String right) {
    /**
     * A sentence.
     *
     * @param prototype that it takes on the right side
     * @param left its place at the left
     * @param right its place at the right
     */
    record Point(String sampleId, int sentence, int prototype, Place left, Place right) {}

    /** On a plane. */
    record Place(double x, double y) {}

    private static final int WIDTH = 1600;
    private static final int HEIGHT = 940;
    private static final int TOP = 96;
    private static final int LEGEND = 90;
    private static final Shape DOT = new Ellipse2D.Double(-4, -4, 8, 8);

    Picture picture() {
        return new Picture(WIDTH, HEIGHT, graphics -> {
            List<Integer> shown = mostTaken();
            graphics.setColor(Style.INK);
            graphics.setFont(Style.TITLE);
            Style.centre(graphics, TITLE, WIDTH / 2, 46);
            graphics.setFont(Style.SUBTITLE);
            String subtitle = points.size() + " sentences; t-SNE, perplexity " + Math.round(perplexity(points.size()))
                    + ", started by principal components";
            Style.centre(graphics, subtitle, WIDTH / 2, 82);
            int side = WIDTH / 2;
            int height = HEIGHT - TOP - LEGEND;
            chart(left, shown, false).draw(graphics, new Rectangle2D.Double(0, TOP, side, height));
            chart(right, shown, true).draw(graphics, new Rectangle2D.Double(side, TOP, side, height));
            drawLegend(graphics, shown);
        });
    }

    private static final String TITLE = "Sentence embeddings without and with the prototype bank";

    /** What scikit-learn takes by default, less for few points. */
    static double perplexity(int points) {
        return Math.min(30, (points - 1) / 3.0);
    }

    private List<Integer> mostTaken() {
        int[] counts = counts();
        return IntStream.range(0, counts.length)
                .boxed()
                .filter(prototype -> counts[prototype] > 0)
                .sorted(Comparator.<Integer>comparingInt(prototype -> -counts[prototype])
                        .thenComparing(prototype -> prototype))
                .limit(Style.CATEGORIES.size())
                .toList();
    }

    private int[] counts() {
        int most = points.stream().mapToInt(Point::prototype).max().orElse(0);
        int[] counts = new int[most + 1];
        points.forEach(point -> counts[point.prototype()]++);
        return counts;
    }

    private JFreeChart chart(String heading, List<Integer> shown, boolean isAfter) {
        XYSeriesCollection series = new XYSeriesCollection();
        XYLineAndShapeRenderer dots = new XYLineAndShapeRenderer(false, true);
        List<Integer> all = new ArrayList<>(shown);
        all.add(0, -1); // the others, below
        for (int prototype : all) {
            XYSeries one = new XYSeries(String.valueOf(prototype), false);
            for (Point point : points) {
                if (point.prototype() == prototype || (prototype < 0 && !shown.contains(point.prototype()))) {
                    Place place = isAfter ? point.right() : point.left();
                    one.add(place.x(), place.y());
                }
            }
            int index = series.getSeriesCount();
            series.addSeries(one);
            dots.setSeriesShape(index, DOT);
            dots.setSeriesPaint(index, prototype < 0 ? Style.FAINT : Style.CATEGORIES.get(shown.indexOf(prototype)));
        }
        NumberAxis x = Style.axis(new NumberAxis("t-SNE 1"));
        NumberAxis y = Style.axis(new NumberAxis("t-SNE 2"));
        x.setAutoRangeIncludesZero(false);
        y.setAutoRangeIncludesZero(false);
        XYPlot plot = new XYPlot(series, x, y, dots);
        plot.setDomainGridlinePaint(new Color(0xe8e8e8));
        plot.setRangeGridlinePaint(new Color(0xe8e8e8));
        JFreeChart chart = Style.chart(heading, plot);
        chart.getTitle().setFont(Style.LABEL);
        return chart;
    }

    private void drawLegend(Graphics2D graphics, List<Integer> shown) {
        int[] counts = counts();
        int rest = points.size();
        List<String> words = new ArrayList<>();
        for (int prototype : shown) {
            words.add("prototype " + prototype + " (" + counts[prototype] + ")");
            rest -= counts[prototype];
        }
        words.add("others (" + rest + ")");
        graphics.setFont(Style.TICK);
        int columns = (words.size() + 1) / 2;
        for (int i = 0; i < words.size(); i++) {
            int x = 90 + i % columns * ((WIDTH - 120) / columns);
            int y = HEIGHT - LEGEND + 30 + i / columns * 30;
            graphics.setColor(i < shown.size() ? Style.CATEGORIES.get(i) : Style.FAINT);
            graphics.fill(new Ellipse2D.Double(x - 22, y - 13, 14, 14));
            graphics.setColor(Style.INK);
            graphics.drawString(words.get(i), x, y);
        }
    }

    /** The sentences by sample and number, without their texts. */
    String table() {
        StringBuilder table = new StringBuilder("sample_id,sentence,prototype,without_x,without_y,with_x,with_y\n");
        for (Point point : points) {
            table.append(String.format(
                    Locale.ROOT,
                    "%s,%d,%d,%.4f,%.4f,%.4f,%.4f\n",
                    point.sampleId(),
                    point.sentence(),
                    point.prototype(),
                    point.left().x(),
                    point.left().y(),
                    point.right().x(),
                    point.right().y()));
        }
        return table.toString();
    }
}
