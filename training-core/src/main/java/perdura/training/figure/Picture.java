package perdura.training.figure;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.w3c.dom.Document;
import perdura.grids.spec.PerduraException;

/**
 * A drawing on white.
 *
 * @param width in pixels
 * @param height in pixels
 */
public record Picture(int width, int height, Consumer<Graphics2D> drawing) {
    public static final String REMEDY = "give another place with --out";

    /**
     * Writes a PNG.
     *
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public void writePng(Path file) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            draw(graphics);
        } finally {
            graphics.dispose();
        }
        WholeFile.write(file, REMEDY, out -> {
            if (!ImageIO.write(image, "png", out)) {
                throw new IllegalStateException("this JDK writes no PNG");
            }
        });
    }

    /**
     * Writes an SVG whose texts stay texts. The drawing has no images.
     *
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public void writeSvg(Path file) {
        SVGGraphics2D graphics = new SVGGraphics2D(emptyDocument());
        graphics.setSVGCanvasSize(new Dimension(width, height));
        draw(graphics);
        WholeFile.write(file, REMEDY, out -> {
            Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            graphics.stream(writer, false);
            writer.flush();
        });
    }

    private void draw(Graphics2D graphics) {
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        drawing.accept(graphics);
    }

    private static Document emptyDocument() {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("this JDK makes no XML documents", e);
        }
    }
}
