package perdura.training.figure;

import java.awt.Color;
import java.awt.Paint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jfree.chart.renderer.PaintScale;

/**
 * Values to colours that grow evenly lighter, for colour-blind eyes and for print: matplotlib's {@code viridis} (public
 * domain, CC0). Values outside take the colour of the nearer end.
 */
public final class ColourScale implements PaintScale {
    private static final String FILE = "viridis.txt";

    private final Color[] colours;
    private final double least;
    private final double most;

    private ColourScale(double least, double most) {
        this.colours = read();
        this.least = least;
        this.most = most > least ? most : least + 1; // a scale of one value has that at its lower end
    }

    public static ColourScale viridis(double least, double most) {
        return new ColourScale(least, most);
    }

    private static Color[] read() {
        try (InputStream in = ColourScale.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException("there is no " + FILE);
            }
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
            return lines.stream()
                    .map(line -> new Color(Integer.parseInt(line, 16)))
                    .toArray(Color[]::new);
        } catch (IOException e) {
            throw new IllegalStateException(FILE + " can't be read", e);
        }
    }

    public Color colour(double value) {
        double share = (value - least) / (most - least);
        int index = (int) Math.floor(Math.min(1, Math.max(0, share)) * colours.length);
        return colours[Math.min(index, colours.length - 1)];
    }

    @Override
    public double getLowerBound() {
        return least;
    }

    @Override
    public double getUpperBound() {
        return most;
    }

    @Override
    public Paint getPaint(double value) {
        return colour(value);
    }
}
