package perdura.datasets.image;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Masks as text (prior.md 4.1, sense.md 4.4): pairs of an offset, counted from the end of the run before, and a length; pixels
 * are counted column by column. {@code -1} is an empty mask. Blanks at both ends don't count.
 */
public final class RunLength {
    private static final String EMPTY = "-1";
    /** Beyond every mask, and far from an overflow. */
    private static final long FAR = 1L << 40;

    private static final int DIGITS_OF_FAR = 13;

    /** Sign and digits without leading zeros: none of zero. Possessive, so that a token of any length is read once. */
    private static final Pattern INTEGER = Pattern.compile("([+-]?)(?=[0-9])0*+([0-9]*+)");

    private RunLength() {}

    /**
     * The union of the rows of one image.
     *
     * @throws PerduraException INVALID_DATA as of {@link #draw}
     */
    public static PixelMask decode(List<String> rows, int width, int height) {
        PixelMask mask = new PixelMask(width, height);
        for (String row : rows) {
            draw(row, mask);
        }
        return mask;
    }

    /**
     * Adds the pixels of one row to a mask. A row with a fault adds none.
     *
     * @throws PerduraException INVALID_DATA that names the token and its place in the row, from 1: "malformed" if a token is no
     *     integer, or negative, or their count is odd; "outside" if a run ends after the last pixel
     */
    public static void draw(String row, PixelMask mask) {
        String text = row.strip();
        if (text.isEmpty()) {
            return;
        }
        String[] tokens = text.split("\\s+");
        long[] numbers = numbers(tokens);
        long end = 0;
        for (int i = 0; i < numbers.length; i += 2) {
            end += numbers[i] + numbers[i + 1];
            if (end > mask.area()) {
                throw invalid("run outside of the image: the run of tokens " + (i + 1) + " and " + (i + 2) + " ("
                        + shown(tokens[i]) + " " + shown(tokens[i + 1]) + ") ends after the last of " + mask.width()
                        + " x " + mask.height() + " pixels; offsets count from the end of the run before");
            }
        }
        int at = 0;
        for (int i = 0; i < numbers.length; i += 2) {
            int from = at + (int) numbers[i];
            at = from + (int) numbers[i + 1];
            mask.setRun(from, at);
        }
    }

    /** One row of maximal runs; the inverse of {@link #draw}. */
    public static String encode(PixelMask mask) {
        StringBuilder row = new StringBuilder();
        int end = 0;
        for (int from = mask.runBegin(0); from >= 0; from = mask.runBegin(end)) {
            row.append(row.isEmpty() ? "" : " ").append(from - end);
            end = mask.runEnd(from);
            row.append(' ').append(end - from);
        }
        return row.isEmpty() ? EMPTY : row.toString();
    }

    /** The tokens as numbers of 0 or more; none if the row says that the mask is empty. */
    private static long[] numbers(String[] tokens) {
        long[] numbers = new long[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            numbers[i] = number(tokens, i);
            if (numbers[i] < 0) {
                if (numbers[i] == -1 && tokens.length == 1) {
                    return new long[0];
                }
                throw malformed(tokens, i, "it must not be negative (only a lone -1 says that the mask is empty)");
            }
        }
        if (tokens.length % 2 == 1) {
            throw malformed(tokens, tokens.length - 1, "an offset without a length; the count of tokens must be even");
        }
        return numbers;
    }

    /** What is far beyond every mask is cut to {@link #FAR}. */
    private static long number(String[] tokens, int place) {
        Matcher integer = INTEGER.matcher(tokens[place]);
        if (!integer.matches()) {
            throw malformed(tokens, place, "it must be an integer");
        }
        String digits = integer.group(2);
        long size =
                digits.length() > DIGITS_OF_FAR ? FAR : digits.isEmpty() ? 0 : Math.min(FAR, Long.parseLong(digits));
        return integer.group(1).equals("-") ? -size : size;
    }

    private static PerduraException malformed(String[] tokens, int place, String reason) {
        return invalid("malformed run lengths: token " + (place + 1) + " is '" + shown(tokens[place]) + "', " + reason);
    }

    private static String shown(String token) {
        return token.length() > 24 ? token.substring(0, 24) + "..." : token;
    }

    private static PerduraException invalid(String message) {
        return new PerduraException(ErrorCode.INVALID_DATA, message);
    }
}
