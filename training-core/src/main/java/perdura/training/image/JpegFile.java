package perdura.training.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Reads JPEG files and tells what is wrong with them. */
public final class JpegFile {
    /** Ten times a large radiograph; beyond it, a damaged size would ask for all the memory there is. */
    private static final long MOST_PIXELS = 100_000_000;

    private JpegFile() {}

    /**
     * Looks at the frame of a JPEG file without decoding it: markers at both ends, and every segment up to the pixels.
     *
     * @return what is wrong, or empty
     */
    public static Optional<String> findFault(byte[] bytes) {
        if (bytes.length < 4 || unsigned(bytes, 0) != 0xFF || unsigned(bytes, 1) != 0xD8) {
            return Optional.of("not a JPEG file (" + bytes.length + " bytes, it must begin with FF D8)");
        }
        int end = bytes.length;
        while (end > 2 && bytes[end - 1] == 0) {
            end--;
        }
        if (unsigned(bytes, end - 2) != 0xFF || unsigned(bytes, end - 1) != 0xD9) {
            return Optional.of("truncated JPEG file (" + bytes.length + " bytes, it must end with FF D9)");
        }
        return findHeaderFault(bytes);
    }

    private static Optional<String> findHeaderFault(byte[] bytes) {
        int at = 2;
        boolean hasFrame = false;
        while (at + 9 <= bytes.length && unsigned(bytes, at) == 0xFF) {
            int marker = unsigned(bytes, at + 1);
            if (marker == 0xFF) { // fill byte
                at++;
                continue;
            }
            if (marker == 0xDA) {
                return hasFrame
                        ? Optional.empty()
                        : Optional.of("damaged JPEG file (its pixels begin before its size)");
            }
            if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
                int height = twoBytes(bytes, at + 5);
                int width = twoBytes(bytes, at + 7);
                if (width == 0 || height == 0 || (long) width * height > MOST_PIXELS) {
                    return Optional.of("damaged JPEG file (its size is " + width + " x " + height + ")");
                }
                hasFrame = true;
            }
            at += 2 + twoBytes(bytes, at + 2);
        }
        return Optional.of("damaged JPEG file (no segment begins at byte " + Math.min(at, bytes.length) + ")");
    }

    /** @throws PerduraException INVALID_DATA that names the file, if it can't be read or decoded */
    public static GrayImage decode(Path file) {
        try {
            return decode(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    file + ": the image can't be decoded (" + e.getMessage()
                            + "); restore the file from its source or take it out of the data set",
                    e);
        }
    }

    /** @throws IOException if the bytes are no JPEG image, or a damaged one */
    public static GrayImage decode(byte[] bytes) throws IOException {
        Optional<String> fault = findFault(bytes);
        if (fault.isPresent()) {
            throw new IOException(fault.get());
        }
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        AtomicReference<String> warning = new AtomicReference<>();
        IIOReadWarningListener listener = (source, text) -> warning.compareAndSet(null, text);
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.addIIOReadWarningListener(listener);
            reader.setInput(in, true, true);
            GrayImage image = gray(reader.read(0));
            String damage = warning.get();
            if (damage != null) { // the decoder fills the rest with grey and goes on
                throw new IOException(damage);
            }
            return image;
        } catch (RuntimeException e) { // the decoder's answer to some kinds of garbage
            throw new IOException("the decoder failed: " + e.getClass().getSimpleName(), e);
        } finally {
            reader.dispose();
        }
    }

    /** Grey values as stored; colours by the weights of ITU-R 601, as Pillow's mode L has them. */
    private static GrayImage gray(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] pixels = new byte[width * height];
        if (image.getRaster().getNumBands() == 1) {
            Raster raster = image.getRaster();
            raster.getDataElements(0, 0, width, height, pixels);
            return new GrayImage(width, height, pixels);
        }
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int c = row[x];
                pixels[y * width + x] = (byte)
                        (((c >> 16 & 0xFF) * 19595 + (c >> 8 & 0xFF) * 38470 + (c & 0xFF) * 7471 + 0x8000) >> 16);
            }
        }
        return new GrayImage(width, height, pixels);
    }

    private static int twoBytes(byte[] bytes, int at) {
        return unsigned(bytes, at) << 8 | unsigned(bytes, at + 1);
    }

    private static int unsigned(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }
}
