package perdura.datasets.image;

import java.io.IOException;
import java.util.Locale;

/** Image files of the kinds that data sets come in, told apart by the ends of their names. */
public final class ImageFile {
    private ImageFile() {}

    /**
     * Decodes a file.
     *
     * @param path of which the ending counts: {@code .dcm}, or anything else for JPEG
     * @throws IOException that says what is wrong with the file
     */
    public static GrayImage decode(String path, byte[] bytes) throws IOException {
        return path.toLowerCase(Locale.ROOT).endsWith(".dcm") ? DicomFile.decode(bytes) : JpegFile.decode(bytes);
    }
}
