package perdura.datasets.image;

import java.util.Map;

/** The transfer syntaxes of radiographs (PS3.6 table A-1) that are not read, so that a refusal can name what it met. */
final class TransferSyntaxNames {
    private static final String ROOT = "1.2.840.10008.1.2";

    /** By what follows the root. */
    private static final Map<String, String> BY_SUFFIX = Map.of(
            ".1.99", "Deflated Explicit VR Little Endian",
            ".2", "Explicit VR Big Endian",
            ".4.51", "JPEG Extended (Process 2 and 4)",
            ".4.57", "JPEG Lossless, Non-Hierarchical (Process 14)",
            ".4.70", "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])",
            ".4.80", "JPEG-LS Lossless Image Compression",
            ".4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression",
            ".4.90", "JPEG 2000 Image Compression (Lossless Only)",
            ".4.91", "JPEG 2000 Image Compression",
            ".5", "RLE Lossless");

    private TransferSyntaxNames() {}

    /** Name and UID; of an unknown one the UID alone. */
    static String of(String uid) {
        String name = uid.startsWith(ROOT) ? BY_SUFFIX.get(uid.substring(ROOT.length())) : null;
        return name == null ? "'" + uid + "'" : name + " (" + uid + ")";
    }
}
