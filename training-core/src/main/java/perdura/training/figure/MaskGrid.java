package perdura.training.figure;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Images with the mask of the truth and the one that was answered, a column for each, with its Dice. */
public final class MaskGrid {
    /** Of the pixels of the truth. */
    static final Color TRUTH = Style.CATEGORIES.get(2);
    /** Of the pixels that were answered. */
    static final Color ANSWER = Style.CATEGORIES.get(1);

    private MaskGrid() {}

    /**
     * An image of a column.
     *
     * @param id of the sample
     * @param image square
     * @param truth [side, side], 1 inside, row after row
     * @param answer likewise
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Case(
            CaseChoice.Standing standing, String id, double dice, BufferedImage image, byte[] truth, byte[] answer) {
        public Case {
            int pixels = image.getWidth() * image.getHeight();
            if (image.getWidth() != image.getHeight() || truth.length != pixels || answer.length != pixels) {
                throw new IllegalArgumentException("a square image and two masks of its size are wanted, were "
                        + image.getWidth() + " x " + image.getHeight() + ", " + truth.length + " and "
                        + answer.length);
            }
        }
    }

    /** @param cases in the order of the columns, at least one */
    public static ImageGrid of(String title, String subtitle, List<Case> cases) {
        List<ImageGrid.Column> columns = new ArrayList<>();
        List<BufferedImage> images = new ArrayList<>();
        List<BufferedImage> truths = new ArrayList<>();
        List<BufferedImage> answers = new ArrayList<>();
        for (Case one : cases) {
            String dice = String.format(Locale.ROOT, "Dice %.3f", one.dice);
            columns.add(CaseChoice.column(one.standing, dice, one.id));
            images.add(one.image);
            truths.add(GreyPixels.tinted(one.image, one.truth, TRUTH));
            answers.add(GreyPixels.tinted(one.image, one.answer, ANSWER));
        }
        return new ImageGrid(
                title,
                subtitle,
                columns,
                List.of(
                        new ImageGrid.Row(List.of("image"), images, null, ""),
                        new ImageGrid.Row(List.of("truth"), truths, null, ""),
                        new ImageGrid.Row(List.of("prediction"), answers, null, "")));
    }
}
