package perdura.training.figure;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** What all pictures have in common: sizes that can be read from the back of a room. */
public final class Style {
    public static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 30);
    public static final Font SUBTITLE = new Font(Font.SANS_SERIF, Font.PLAIN, 22);
    public static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 22);
    public static final Font TICK = new Font(Font.SANS_SERIF, Font.PLAIN, 18);
    public static final Color INK = new Color(0x202020);
    public static final Color FAINT = new Color(0xb8b8b8);

    /** Okabe and Ito's colours, which colour-blind eyes tell apart, without yellow, which is faint on white. */
    public static final List<Color> CATEGORIES = List.of(
            new Color(0x0072b2),
            new Color(0xd55e00),
            new Color(0x009e73),
            new Color(0xcc79a7),
            new Color(0xe69f00),
            new Color(0x56b4e9),
            new Color(0x000000));

    private Style() {}

    public static JFreeChart chart(String title, Plot plot) {
        JFreeChart chart = new JFreeChart(title, TITLE, plot, false);
        chart.setBackgroundPaint(Color.WHITE);
        chart.getTitle().setPaint(INK);
        chart.setPadding(new RectangleInsets(14, 14, 14, 14));
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlinePaint(FAINT);
        return chart;
    }

    public static void subtitle(JFreeChart chart, String text) {
        TextTitle subtitle = new TextTitle(text, SUBTITLE);
        subtitle.setPaint(INK);
        subtitle.setPadding(2, 0, 12, 0);
        chart.addSubtitle(subtitle);
    }

    public static <A extends ValueAxis> A axis(A axis) {
        axis.setLabelFont(LABEL);
        axis.setTickLabelFont(TICK);
        axis.setLabelPaint(INK);
        axis.setTickLabelPaint(INK);
        axis.setAxisLinePaint(FAINT);
        return axis;
    }

    /** A bar at the right with the colours of a scale. */
    public static PaintScaleLegend colourBar(ColourScale scale, String label) {
        NumberAxis axis = axis(new NumberAxis(label));
        axis.setTickUnit(new NumberTickUnit(tick(scale.getUpperBound() - scale.getLowerBound())));
        PaintScaleLegend bar = new PaintScaleLegend(scale, axis);
        bar.setPosition(RectangleEdge.RIGHT);
        bar.setAxisLocation(AxisLocation.TOP_OR_RIGHT);
        bar.setStripWidth(22);
        bar.setSubdivisionCount(256);
        bar.setMargin(20, 24, 20, 6);
        bar.setStripOutlineVisible(false);
        bar.setBackgroundPaint(Color.WHITE);
        return bar;
    }

    /** A round step of which a length holds three to seven. */
    public static double tick(double length) {
        double power = Math.pow(10, Math.floor(Math.log10(length)));
        double leading = length / power;
        return power * (leading < 1.5 ? 0.25 : leading < 3.5 ? 0.5 : leading < 7 ? 1 : 2);
    }

    /** Writes a line whose middle is at {@code x}. */
    public static void centre(Graphics2D graphics, String text, int x, int y) {
        graphics.drawString(text, x - graphics.getFontMetrics().stringWidth(text) / 2, y);
    }
}
