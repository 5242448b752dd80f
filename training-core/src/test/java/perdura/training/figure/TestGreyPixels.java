package perdura.training.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class TestGreyPixels {
    // torch.nn.functional.interpolate([[1, 2, 3], [4, 5, 6], [7, 8, 10]], size=(7, 7), mode="bilinear")
    private static final double[] ENLARGED = {
        1.0, 1.142857143, 1.571428571, 2.0, 2.428571429, 2.857142857, 3.0,
        1.428571429, 1.571428571, 2.0, 2.428571429, 2.857142857, 3.285714286, 3.428571429,
        2.714285714, 2.857142857, 3.285714286, 3.714285714, 4.142857143, 4.571428571, 4.714285714,
        4.0, 4.142857143, 4.571428571, 5.0, 5.428571429, 5.857142857, 6.0,
        5.285714286, 5.428571429, 5.857142857, 6.285714286, 6.897959184, 7.510204082, 7.714285714,
        6.571428571, 6.714285714, 7.142857143, 7.571428571, 8.367346939, 9.163265306, 9.428571429,
        7.0, 7.142857143, 7.571428571, 8.0, 8.857142857, 9.714285714, 10.0
    };

    @Test
    void mapsAreEnlargedAsPyTorchDoes() {
        double[] enlarged = GreyPixels.enlarged(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 10}, 3, 7);
        assertThat(enlarged).containsExactly(ENLARGED, within(1e-9));
        assertThat(GreyPixels.enlarged(new double[] {3}, 1, 2)).containsExactly(3, 3, 3, 3);
    }

    @Test
    void pixelsComeBackToTheirBrightness() {
        double[] pixels = {(0 - 0.4755) / 0.3011, (1 - 0.4755) / 0.3011, 9, -9};
        BufferedImage image = GreyPixels.image(pixels, 0, 2);
        assertThat(new Color(image.getRGB(0, 0))).isEqualTo(Color.BLACK);
        assertThat(new Color(image.getRGB(1, 0))).isEqualTo(Color.WHITE);
        assertThat(new Color(image.getRGB(0, 1))).isEqualTo(Color.WHITE);
        assertThat(new Color(image.getRGB(1, 1))).isEqualTo(Color.BLACK);
    }

    /** matplotlib.colormaps["viridis"](x, bytes=True). */
    @Test
    void coloursAreMatplotlibs() {
        ColourScale viridis = ColourScale.viridis(0, 2);
        assertThat(viridis.colour(-1)).isEqualTo(new Color(68, 1, 84));
        assertThat(viridis.colour(1)).isEqualTo(new Color(32, 144, 140));
        assertThat(viridis.colour(2)).isEqualTo(new Color(253, 231, 36));
        assertThat(ColourScale.viridis(3, 3).colour(3)).isEqualTo(new Color(68, 1, 84));
    }
}
