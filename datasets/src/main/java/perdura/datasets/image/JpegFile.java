package perdura.datasets.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import perdura.datasets.image.JpegSegments.JpegFrame;
import perdura.grids.spec.ReadLimit;

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
     * Looks at the frame of a JPEG file without decoding it: every segment up to the pixels, and the marker behind them. What follows
     * that is not looked at.
     *
     * @throws IOException that says what is wrong with the frame
     */
    static JpegFrame frame(byte[] bytes) throws IOException {
        return JpegSegments.read(bytes).frame();
    }

    /**
     * Decodes an image. Colour profiles are not applied: grey values are those that are stored, and colours become grey by the weights
     * of ITU-R 601, as Pillow's mode L has them.
     *
     * @throws IOException if the bytes are no JPEG image, or a damaged one
     */
    public static GrayImage decode(byte[] bytes) throws IOException {
        return decode(bytes, TimeUnit.SECONDS.toNanos(ReadLimit.IMAGE_SECONDS.most()));
    }

    /**
     * As {@link #decode(byte[])}, within so much processor time of this thread, in ns. A busy or a suspended machine takes none of it.
     */
    static GrayImage decode(byte[] bytes, long mostNanos) throws IOException {
        JpegSegments segments = JpegSegments.read(bytes);
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        TimeLimit limit = new TimeLimit(mostNanos);
        AtomicReference<String> warning = new AtomicReference<>();
        IIOReadWarningListener listener = (source, text) -> warning.compareAndSet(null, text);
        try (ImageInputStream in = new ByteArrayImageInput(segments.withoutProfiles(bytes))) {
            reader.addIIOReadWarningListener(listener);
            reader.addIIOReadProgressListener(limit);
            reader.setInput(in, true, true);
            GrayImage image = segments.frame().components() == CmykInks.BANDS
                    ? CmykInks.of(segments).gray(reader.readRaster(0, null))
                    : gray(reader.read(0));
            if (limit.isOver) {
                throw new IOException("JPEG file of " + segments.frame().shown() + " takes too long: "
                        + ReadLimit.IMAGE_SECONDS.told());
            }
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
                pixels[y * width + x] = gray(c >> 16 & 0xFF, c >> 8 & 0xFF, c & 0xFF);
            }
        }
        return new GrayImage(width, height, pixels);
    }

    /** ITU-R 601, in the integers of Pillow. */
    static byte gray(int red, int green, int blue) {
        return (byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
    }

    /** Ends a decoder that took its processor time; it is asked at each row of each scan. */
    private static final class TimeLimit implements IIOReadProgressListener {
        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private final long mostNanos;
        private final long begin = threads.getCurrentThreadCpuTime();
        private boolean isOver;

        TimeLimit(long mostNanos) {
            this.mostNanos = mostNanos;
        }

        @Override
        public void imageProgress(ImageReader source, float percent) {
            if (!isOver && threads.getCurrentThreadCpuTime() - begin > mostNanos) {
                isOver = true;
                source.abort();
            }
        }

        @Override
        public void imageStarted(ImageReader source, int index) {}

        @Override
        public void imageComplete(ImageReader source) {}

        @Override
        public void sequenceStarted(ImageReader source, int index) {}

        @Override
        public void sequenceComplete(ImageReader source) {}

        @Override
        public void thumbnailStarted(ImageReader source, int index, int thumbnail) {}

        @Override
        public void thumbnailProgress(ImageReader source, float percent) {}

        @Override
        public void thumbnailComplete(ImageReader source) {}

        @Override
        public void readAborted(ImageReader source) {}
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
}
