package perdura.training.figure;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images in rows and columns of one size, with a bar of colours beside the rows that have a scale.
 *
 * @param columns headings
 * @param rows from above
 */
public record ImageGrid(String title, String subtitle, List<Column> columns, List<Row> rows) {
    /**
     * The head of a column.
     *
     * @param below in small letters
     */
    public record Column(String name, String below) {}

    /**
     * A row.
     *
     * @param label lines at the left
     * @param images as many as there are columns
     * @param scale of their colours; null for grey images
     * @param bar what the colours mean
     */
    public record Row(
            List<String> label,
            List<BufferedImage> images,
            @Nullable ColourScale scale,
            String bar) {}

    /** Side of an image as it is shown, pixels. */
    static final int CELL = 260;

    private static final int GAP = 14;
    private static final int LEFT = 260;
    private static final int RIGHT = 160;
    private static final int TOP = 186;
    private static final int BOTTOM = 24;

    public Picture picture() {
        int width = LEFT + columns.size() * (CELL + GAP) + RIGHT;
        int height = TOP + rows.size() * (CELL + GAP) + BOTTOM;
        return new Picture(width, height, graphics -> draw(graphics, width));
    }

    private void draw(Graphics2D graphics, int width) {
        graphics.setColor(Style.INK);
        graphics.setFont(Style.TITLE);
        Style.centre(graphics, title, width / 2, 50);
        graphics.setFont(Style.SUBTITLE);
        Style.centre(graphics, subtitle, width / 2, 88);
        for (int column = 0; column < columns.size(); column++) {
            int middle = LEFT + column * (CELL + GAP) + CELL / 2;
            graphics.setFont(Style.LABEL);
            Style.centre(graphics, columns.get(column).name(), middle, TOP - 40);
            graphics.setFont(Style.TICK);
            Style.centre(graphics, columns.get(column).below(), middle, TOP - 14);
        }
        for (int row = 0; row < rows.size(); row++) {
            draw(graphics, rows.get(row), TOP + row * (CELL + GAP));
        }
    }

    private void draw(Graphics2D graphics, Row row, int top) {
        graphics.setColor(Style.INK);
        graphics.setFont(Style.LABEL);
        int line = graphics.getFontMetrics().getHeight();
        int first = top
                + CELL / 2
                - row.label().size() * line / 2
                + graphics.getFontMetrics().getAscent();
        for (int i = 0; i < row.label().size(); i++) {
            graphics.drawString(row.label().get(i), GAP + 6, first + i * line);
        }
        for (int column = 0; column < row.images().size(); column++) {
            graphics.drawImage(row.images().get(column), LEFT + column * (CELL + GAP), top, CELL, CELL, null);
        }
        ColourScale scale = row.scale();
        if (scale != null) {
            int x = LEFT + columns.size() * (CELL + GAP);
            Style.colourBar(scale, row.bar())
                    .draw(graphics, new Rectangle2D.Double(x - GAP, top - 20, RIGHT - GAP, CELL + 40));
        }
    }
}
