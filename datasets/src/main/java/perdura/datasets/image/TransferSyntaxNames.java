package perdura.datasets.image;

import java.util.Map;

/** The names of the registered transfer syntaxes (PS3.6 table A-1) that are not read, so that a refusal can say what it met. */
final class TransferSyntaxNames {
    private static final String ROOT = "1.2.840.10008.1.2";

    /** By what follows the root. */
    private static final Map<String, String> BY_SUFFIX = Map.ofEntries(
            Map.entry(".1.98", "Encapsulated Uncompressed Explicit VR Little Endian"),
            Map.entry(".1.99", "Deflated Explicit VR Little Endian"),
            Map.entry(".2", "Explicit VR Big Endian"),
            Map.entry(".4.51", "JPEG Extended (Process 2 and 4)"),
            Map.entry(".4.52", "JPEG Extended (Process 3 and 5)"),
            Map.entry(".4.53", "JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)"),
            Map.entry(".4.54", "JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)"),
            Map.entry(".4.55", "JPEG Full Progression, Non-Hierarchical (Process 10 and 12)"),
            Map.entry(".4.56", "JPEG Full Progression, Non-Hierarchical (Process 11 and 13)"),
            Map.entry(".4.57", "JPEG Lossless, Non-Hierarchical (Process 14)"),
            Map.entry(".4.58", "JPEG Lossless, Non-Hierarchical (Process 15)"),
            Map.entry(".4.59", "JPEG Extended, Hierarchical (Process 16 and 18)"),
            Map.entry(".4.60", "JPEG Extended, Hierarchical (Process 17 and 19)"),
            Map.entry(".4.61", "JPEG Spectral Selection, Hierarchical (Process 20 and 22)"),
            Map.entry(".4.62", "JPEG Spectral Selection, Hierarchical (Process 21 and 23)"),
            Map.entry(".4.63", "JPEG Full Progression, Hierarchical (Process 24 and 26)"),
            Map.entry(".4.64", "JPEG Full Progression, Hierarchical (Process 25 and 27)"),
            Map.entry(".4.65", "JPEG Lossless, Hierarchical (Process 28)"),
            Map.entry(".4.66", "JPEG Lossless, Hierarchical (Process 29)"),
            Map.entry(
                    ".4.70",
                    "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])"),
            Map.entry(".4.80", "JPEG-LS Lossless Image Compression"),
            Map.entry(".4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression"),
            Map.entry(".4.90", "JPEG 2000 Image Compression (Lossless Only)"),
            Map.entry(".4.91", "JPEG 2000 Image Compression"),
            Map.entry(".4.92", "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)"),
            Map.entry(".4.93", "JPEG 2000 Part 2 Multi-component Image Compression"),
            Map.entry(".4.94", "JPIP Referenced"),
            Map.entry(".4.95", "JPIP Referenced Deflate"),
            Map.entry(".4.100", "MPEG2 Main Profile / Main Level"),
            Map.entry(".4.100.1", "Fragmentable MPEG2 Main Profile / Main Level"),
            Map.entry(".4.101", "MPEG2 Main Profile / High Level"),
            Map.entry(".4.101.1", "Fragmentable MPEG2 Main Profile / High Level"),
            Map.entry(".4.102", "MPEG-4 AVC/H.264 High Profile / Level 4.1"),
            Map.entry(".4.102.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1"),
            Map.entry(".4.103", "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1"),
            Map.entry(".4.103.1", "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1"),
            Map.entry(".4.104", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video"),
            Map.entry(".4.104.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video"),
            Map.entry(".4.105", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video"),
            Map.entry(".4.105.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video"),
            Map.entry(".4.106", "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2"),
            Map.entry(".4.106.1", "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2"),
            Map.entry(".4.107", "HEVC/H.265 Main Profile / Level 5.1"),
            Map.entry(".4.108", "HEVC/H.265 Main 10 Profile / Level 5.1"),
            Map.entry(".4.110", "JPEG XL Lossless"),
            Map.entry(".4.111", "JPEG XL JPEG Recompression"),
            Map.entry(".4.112", "JPEG XL"),
            Map.entry(".4.201", "High-Throughput JPEG 2000 Image Compression (Lossless Only)"),
            Map.entry(".4.202", "High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)"),
            Map.entry(".4.203", "High-Throughput JPEG 2000 Image Compression"),
            Map.entry(".4.204", "JPIP HTJ2K Referenced"),
            Map.entry(".4.205", "JPIP HTJ2K Referenced Deflate"),
            Map.entry(".5", "RLE Lossless"),
            Map.entry(".6.1", "RFC 2557 MIME encapsulation"),
            Map.entry(".6.2", "XML Encoding"),
            Map.entry(".7.1", "SMPTE ST 2110-20 Uncompressed Progressive Active Video"),
            Map.entry(".7.2", "SMPTE ST 2110-20 Uncompressed Interlaced Active Video"),
            Map.entry(".7.3", "SMPTE ST 2110-30 PCM Digital Audio"),
            Map.entry(".8.1", "Deflated Image Frame Compression"));

    private TransferSyntaxNames() {}

    /** Name and UID; of an unknown one the UID alone. */
    static String of(String uid) {
        String name = uid.startsWith(ROOT) ? BY_SUFFIX.get(uid.substring(ROOT.length())) : null;
        return name == null ? "'" + uid + "'" : name + " (" + uid + ")";
    }
}
