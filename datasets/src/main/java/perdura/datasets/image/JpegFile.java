package perdura.datasets.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes grey JPEG files, reads any, and tells what is wrong with them. */
public final class JpegFile {
    private static final float QUALITY = 0.95f;

    private JpegFile() {}

    /** Encodes grey pixels, [height, width], uint8, as JPEG of quality 0.95. */
    public static byte[] encode(byte[] pixels, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setDataElements(0, 0, width, height, pixels);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionQuality(QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /**
     * Looks at the frame of a JPEG file without decoding it: markers at both ends, and every segment up to the pixels.
     *
     * @throws IOException that says what is wrong with the frame
     */
    static JpegFrame frame(byte[] bytes) throws IOException {
        if (bytes.length < 4 || unsigned(bytes, 0) != 0xFF || unsigned(bytes, 1) != 0xD8) {
            throw new IOException("not a JPEG file (" + bytes.length + " bytes, it must begin with FF D8)");
        }
        int end = bytes.length;
        while (end > 2 && bytes[end - 1] == 0) {
            end--;
        }
        if (unsigned(bytes, end - 2) != 0xFF || unsigned(bytes, end - 1) != 0xD9) {
            throw new IOException("truncated JPEG file (" + bytes.length + " bytes, it must end with FF D9)");
        }
        return JpegFrame.read(bytes);
    }

    /** @throws IOException if the bytes are no JPEG image, or a damaged one */
    public static GrayImage decode(byte[] bytes) throws IOException {
        frame(bytes);
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        AtomicReference<String> warning = new AtomicReference<>();
        IIOReadWarningListener listener = (source, text) -> warning.compareAndSet(null, text);
        try (ImageInputStream in = new ByteArrayImageInput(bytes)) {
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
        Raster raster = image.getRaster();
        if (raster.getNumBands() == 1) {
            if (raster.getDataBuffer() instanceof DataBufferByte data && data.getSize() == width * height) {
                return new GrayImage(width, height, data.getData()); // the decoder's own rows, not a copy
            }
            byte[] copied = new byte[width * height];
            raster.getDataElements(0, 0, width, height, copied);
            return new GrayImage(width, height, copied);
        }
        byte[] pixels = new byte[width * height];
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

    private static int unsigned(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }

    /** Bytes in memory as a decoder's input, without the copies that the JDK's stream for memory makes. */
    private static final class ByteArrayImageInput extends ImageInputStreamImpl {
        private final byte[] bytes;

        ByteArrayImageInput(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            bitOffset = 0;
            return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xFF : -1;
        }

        @Override
        public int read(byte[] out, int offset, int length) {
            bitOffset = 0;
            int count = (int) Math.min(length, bytes.length - streamPos);
            if (count <= 0) {
                return length == 0 ? 0 : -1;
            }
            System.arraycopy(bytes, (int) streamPos, out, offset, count);
            streamPos += count;
            return count;
        }

        @Override
        public long length() {
            return bytes.length;
        }
    }

    /** The size that the frame header of a JPEG file gives (ITU-T T.81 B.2.2). */
    record JpegFrame(int width, int height, int components) {
        /** Ten times a large radiograph; beyond it, a damaged size would ask for all the memory there is. */
        private static final long MOST_PIXELS = 100_000_000;
        /** More than any coding reaches: a block of 64 pixels needs two bits, one where chroma hardly counts. */
        private static final long MOST_PIXELS_PER_BYTE = 1024;

        /**
         * Looks at every segment in front of the pixels.
         *
         * @throws IOException if they are damaged, or give a size that can't be
         */
        static JpegFrame read(byte[] bytes) throws IOException {
            int at = 2;
            JpegFrame frame = null;
            while (at + 10 <= bytes.length && unsigned(bytes, at) == 0xFF) {
                int marker = unsigned(bytes, at + 1);
                if (marker == 0xFF) { // fill byte
                    at++;
                    continue;
                }
                if (marker == 0xDA) {
                    if (frame == null) {
                        throw new IOException("damaged JPEG file (its pixels begin before its size)");
                    }
                    return frame;
                }
                if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
                    frame = new JpegFrame(twoBytes(bytes, at + 7), twoBytes(bytes, at + 5), unsigned(bytes, at + 9));
                    frame.check(bytes.length);
                }
                at += 2 + twoBytes(bytes, at + 2);
            }
            throw new IOException("damaged JPEG file (no segment begins at byte " + Math.min(at, bytes.length) + ")");
        }

        /** For messages. */
        String shown() {
            return width + " x " + height + " pixels with " + components + (components == 1 ? " sample" : " samples");
        }

        private void check(int fileBytes) throws IOException {
            long pixels = (long) width * height;
            if (pixels == 0 || pixels > MOST_PIXELS) {
                throw new IOException("damaged JPEG file (its size is " + width + " x " + height + ")");
            }
            if (pixels > MOST_PIXELS_PER_BYTE * fileBytes) {
                throw new IOException("damaged JPEG file (its size is " + width + " x " + height + ", more than its "
                        + fileBytes + " bytes can hold)");
            }
        }

        private static int twoBytes(byte[] bytes, int at) {
            return unsigned(bytes, at) << 8 | unsigned(bytes, at + 1);
        }
    }
}
