package perdura.datasets.image;

import java.io.IOException;
import perdura.datasets.image.DicomElements.DicomElement;
import perdura.datasets.image.DicomHeader.DicomAttribute;
import perdura.datasets.image.DicomWriter.Encoding;
import perdura.datasets.image.JpegSegments.JpegFrame;

/**
 * Reads the one image of a DICOM file as 8-bit grey: little endian, explicit or implicit, or JPEG Baseline; 8 or 16 bits
 * allocated, signed or not. Rescaling and window are applied, MONOCHROME1 comes out inverted (see {@link GrayScale}).
 */
public final class DicomFile {
    private DicomFile() {}

    /**
     * Decodes a whole file. Nothing is allocated that the bytes at hand can't fill.
     *
     * @throws IOException if the bytes are no DICOM file, a damaged one, or one of a kind that isn't read; the message names the
     *     attribute, its place and value, and what helps
     */
    public static GrayImage decode(byte[] bytes) throws IOException {
        DicomHeader header = DicomHeader.read(bytes);
        PixelFormat format = PixelFormat.of(header);
        StoredPixels pixels = header.encoding() == Encoding.JPEG_BASELINE
                ? jpegPixels(header, format)
                : rawPixels(bytes, header, format);
        return pixels.toImage(GrayScale.table(header, format, pixels));
    }

    private static StoredPixels rawPixels(byte[] bytes, DicomHeader header, PixelFormat format) throws DicomFault {
        DicomElement pixelData = header.pixelData();
        String place = header.shown(DicomAttribute.PIXEL_DATA);
        if (pixelData.isUndefined()) {
            throw DicomFault.damaged(place + " is compressed, the file says it isn't");
        }
        long needed = format.lengthBytes();
        long given = pixelData.lengthBytes();
        if (given < needed || given >= 2 * needed + needed % 2) { // padding is common, a second image is not
            throw DicomFault.damaged(place + " has " + given + " bytes, " + format.rows() + " rows of "
                    + format.columns() + " pixels of " + format.bitsAllocated() + " bits need " + needed);
        }
        return new StoredPixels(bytes, pixelData.valueAt(), format);
    }

    private static StoredPixels jpegPixels(DicomHeader header, PixelFormat format) throws DicomFault {
        String place = header.shown(DicomAttribute.PIXEL_DATA);
        if (!header.pixelData().isUndefined()) {
            throw DicomFault.damaged(place + " is not in fragments, the file says it is JPEG");
        }
        byte[] jpeg = header.fragments();
        try {
            JpegFrame frame = JpegFile.frame(jpeg);
            if (frame.width() != format.columns()
                    || frame.height() != format.rows()
                    || frame.components() != format.samples()) {
                throw new IOException("a JPEG image of " + frame.shown() + ", the file says "
                        + new JpegFrame(format.columns(), format.rows(), format.samples()).shown());
            }
            return new StoredPixels(JpegFile.decode(jpeg).pixels(), 0, format);
        } catch (IOException e) {
            throw DicomFault.damaged(place + ": " + e.getMessage());
        }
    }
}
