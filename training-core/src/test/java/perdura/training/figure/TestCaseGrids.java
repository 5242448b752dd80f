package perdura.training.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.training.figure.CaseChoice.Standing;

/** Pictures of masks and boxes, of drawn images alone. */
class TestCaseGrids {
    @TempDir
    Path folder;

    @Test
    void theWorstTheMiddleAndTheBestAreChosenAndOfEqualsTheFirst() {
        double[] scores = {0.5, 0.1, 0.9, 0.4, 0.1, 0.7, 0.6, 0.8, 0.3};
        assertThat(CaseChoice.choose(scores, 2))
                .containsExactly(
                        new CaseChoice(1, Standing.WORST),
                        new CaseChoice(4, Standing.WORST),
                        new CaseChoice(3, Standing.MIDDLE),
                        new CaseChoice(0, Standing.MIDDLE),
                        new CaseChoice(7, Standing.BEST),
                        new CaseChoice(2, Standing.BEST));
        assertThat(CaseChoice.choose(new double[] {3, 1, 2, 4}, 2).stream().map(CaseChoice::index))
                .containsExactly(1, 2, 0, 3);
        assertThat(CaseChoice.choose(new double[] {7}, 3)).containsExactly(new CaseChoice(0, Standing.WORST));
        assertThat(CaseChoice.choose(new double[0], 3)).isEmpty();
    }

    @Test
    void masksLieOverTheirImages() throws IOException {
        byte[] pixels = bytes(0, 100, 200, 255);
        BufferedImage image = GreyPixels.image(pixels, 2);
        assertThat(new Color(image.getRGB(0, 1))).isEqualTo(new Color(200, 200, 200));
        ImageGrid grid = MaskGrid.of(
                "title",
                "subtitle",
                List.of(new MaskGrid.Case(
                        Standing.WORST, "1.2.840.10008.5.1.4", 0.6666, image, bytes(1, 0, 0, 1), bytes(0, 0, 0, 1))));
        assertThat(grid.columns()).containsExactly(new ImageGrid.Column("worst", "Dice 0.667, ….10008.5.1.4"));
        BufferedImage truth = grid.rows().get(1).images().get(0);
        assertThat(new Color(truth.getRGB(0, 0))).isEqualTo(new Color(0, 0x9e / 2, 0x73 / 2));
        assertThat(new Color(truth.getRGB(1, 0))).isEqualTo(new Color(100, 100, 100));
        BufferedImage answer = grid.rows().get(2).images().get(0);
        assertThat(new Color(answer.getRGB(0, 0))).isEqualTo(Color.BLACK);
        assertThat(answer.getRGB(1, 1)).isNotEqualTo(image.getRGB(1, 1)).isNotEqualTo(truth.getRGB(1, 1));
        assertThat(grid.rows().get(0).images()).containsExactly(image);
        assertPng(grid, "masks.png");
    }

    @Test
    void boxesLieWhereTheyAreAndOnlyTheBestAreDrawn() throws IOException {
        BufferedImage image = GreyPixels.image(new byte[64 * 64], 64);
        double[] found = IntStream.range(0, 4 * 7)
                .mapToDouble(i -> 8 * (i / 4) + (i % 4 < 2 ? 1 : 7))
                .toArray();
        double[] scores = {0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3};
        ImageGrid grid = BoxGrid.of(
                "title",
                "subtitle",
                List.of(new BoxGrid.Case(
                        Standing.BEST, "p1", "AP 1.00", image, new double[] {16, 8, 48, 32}, found, scores)));
        assertThat(grid.columns()).containsExactly(new ImageGrid.Column("best", "AP 1.00, p1"));
        BufferedImage truth = grid.rows().get(0).images().get(0);
        double scale = ImageGrid.CELL / 64.0;
        assertThat(new Color(truth.getRGB((int) (32 * scale), (int) (8 * scale))))
                .isEqualTo(MaskGrid.TRUTH);
        assertThat(new Color(truth.getRGB((int) (16 * scale), (int) (20 * scale))))
                .isEqualTo(MaskGrid.TRUTH);
        assertThat(new Color(truth.getRGB((int) (32 * scale), (int) (20 * scale))))
                .isEqualTo(Color.BLACK);
        BufferedImage answer = grid.rows().get(1).images().get(0);
        int bottom = (int) (7 * scale);
        assertThat(new Color(answer.getRGB((int) (4 * scale), bottom))).isEqualTo(MaskGrid.ANSWER);
        int ofSixth = (int) ((8 * 5 + 7) * scale);
        assertThat(new Color(answer.getRGB((int) ((8 * 5 + 4) * scale), ofSixth)))
                .isEqualTo(Color.BLACK);
        assertPng(grid, "boxes.png");
    }

    private void assertPng(ImageGrid grid, String name) throws IOException {
        Path file = folder.resolve(name);
        grid.picture().writePng(file);
        byte[] once = Files.readAllBytes(file);
        grid.picture().writePng(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(once);
        BufferedImage read = ImageIO.read(file.toFile());
        assertThat(read.getWidth()).isGreaterThan(ImageGrid.CELL);
        assertThat(read.getHeight()).isGreaterThan(grid.rows().size() * ImageGrid.CELL);
    }

    @Test
    void masksAndBoxesOfOtherSizesAreRefused() {
        BufferedImage image = GreyPixels.image(new byte[4], 2);
        assertThatThrownBy(() -> new MaskGrid.Case(Standing.BEST, "a", 1, image, new byte[4], new byte[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("2 x 2", "4 and 3");
        assertThatThrownBy(() ->
                        new BoxGrid.Case(Standing.BEST, "a", "", image, new double[3], new double[4], new double[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("2 x 2", "3, 4 and 1");
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
