package perdura.datasets.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Kinds of files that are found under the names of others, known by their first bytes. */
enum ImageKind {
    JPEG("JPEG file", 0, "\u00ff\u00d8\u00ff"),
    PNG("PNG file", 0, "\u0089PNG\r\n\u001a\n"),
    GIF("GIF file", 0, "GIF8"),
    TIFF_LITTLE("TIFF file", 0, "II*\0"),
    TIFF_BIG("TIFF file", 0, "MM\0*"),
    WEBP("WebP file", 8, "WEBP"),
    BMP("BMP file", 0, "BM"),
    JPEG_2000("JPEG 2000 file", 4, "jP  "),
    DICOM("DICOM file", 128, "DICM"),
    GZIP("file compressed by gzip", 0, "\u001f\u008b"),
    ZIP("zip file", 0, "PK\u0003\u0004"),
    PDF("PDF file", 0, "%PDF"),
    HTML("web page, perhaps the answer of a server that wanted a login", 0, "<");

    private final String shown;
    private final int at;
    private final String magic;

    ImageKind(String shown, int at, String magic) {
        this.shown = shown;
        this.at = at;
        this.magic = magic;
    }

    static Optional<ImageKind> of(byte[] bytes) {
        return Arrays.stream(values()).filter(kind -> kind.fits(bytes)).findFirst();
    }

    private boolean fits(byte[] bytes) {
        return at + magic.length() <= bytes.length
                && new String(bytes, at, magic.length(), StandardCharsets.ISO_8859_1).equals(magic);
    }

    /** For messages: behind "a". */
    String shown() {
        return shown;
    }
}
