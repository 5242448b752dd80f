package perdura.training.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Images with the boxes of the truth, and with those that were found and their scores, a column for each image. */
public final class BoxGrid {
    /** Found boxes that are drawn of an image: the first ones. */
    static final int MOST_FOUND = 5;

    private static final float STROKE = 2.5f;

    private BoxGrid() {}

    /**
     * An image of a column.
     *
     * @param id of the sample
     * @param score as it stands above the image, for instance {@code AP 0.50}
     * @param image square, {@code side} pixels
     * @param truth [boxes, 4]: left, top, right, bottom in pixels of the image
     * @param found likewise, best first
     * @param scores of the found boxes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Case(
            CaseChoice.Standing standing,
            String id,
            String score,
            BufferedImage image,
            double[] truth,
            double[] found,
            double[] scores) {
        public Case {
            if (image.getWidth() != image.getHeight() || truth.length % 4 != 0 || found.length != 4 * scores.length) {
                throw new IllegalArgumentException(
                        "a square image, boxes of four numbers and a score of each found one are"
                                + " wanted, were " + image.getWidth() + " x " + image.getHeight() + ", " + truth.length
                                + ", "
                                + found.length + " and " + scores.length);
            }
        }
    }

    /** @param cases in the order of the columns, at least one */
    public static ImageGrid of(String title, String subtitle, List<Case> cases) {
        List<ImageGrid.Column> columns = new ArrayList<>();
        List<BufferedImage> truths = new ArrayList<>();
        List<BufferedImage> answers = new ArrayList<>();
        for (Case one : cases) {
            columns.add(CaseChoice.column(one.standing, one.score, one.id));
            truths.add(drawn(one.image, one.truth, MaskGrid.TRUTH, new double[0]));
            answers.add(drawn(one.image, one.found, MaskGrid.ANSWER, one.scores));
        }
        return new ImageGrid(
                title,
                subtitle,
                columns,
                List.of(
                        new ImageGrid.Row(List.of("truth"), truths, null, ""),
                        new ImageGrid.Row(
                                List.of("found, the " + MOST_FOUND, "best, with scores"), answers, null, "")));
    }

    /** The image as large as it is shown, so that lines and letters are as thick everywhere; the best box lies on top. */
    private static BufferedImage drawn(BufferedImage image, double[] boxes, Color colour, double[] scores) {
        int side = ImageGrid.CELL;
        double scale = (double) side / image.getWidth();
        BufferedImage large = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = large.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.drawImage(image, 0, 0, side, side, null);
            graphics.setStroke(new BasicStroke(STROKE));
            graphics.setFont(Style.TICK);
            graphics.setColor(colour);
            int shown = scores.length == 0 ? boxes.length / 4 : Math.min(MOST_FOUND, scores.length);
            for (int box = shown - 1; box >= 0; box--) {
                double left = boxes[4 * box] * scale;
                double top = boxes[4 * box + 1] * scale;
                graphics.draw(new Rectangle2D.Double(
                        left, top, boxes[4 * box + 2] * scale - left, boxes[4 * box + 3] * scale - top));
                if (scores.length > 0) {
                    String score = String.format(Locale.ROOT, "%.2f", scores[box]);
                    int ascent = graphics.getFontMetrics().getAscent();
                    graphics.drawString(score, (float) left + STROKE, (float) Math.max(ascent, top - STROKE));
                }
            }
        } finally {
            graphics.dispose();
        }
        return large;
    }
}
