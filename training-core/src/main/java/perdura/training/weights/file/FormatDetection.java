package perdura.training.weights.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import perdura.training.weights.file.WeightFile.Format;

/** Tells a file's format by its first bytes, whatever its ending. */
final class FormatDetection {
    private static final int HEAD_BYTES = 512;
    private static final int TAR_MAGIC_AT = 257;

    private FormatDetection() {}

    static Format of(Path path, FileChannel channel) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
            // until the buffer is full or the file ends
        }
        byte[] bytes = head.array();
        if (begins(bytes, 0, "PK\u0003\u0004")) {
            return Format.TORCH_ZIP;
        }
        if ((bytes[0] & 0xFF) == 0x80 && bytes[1] >= 2 && bytes[1] <= 5) {
            return Format.TORCH_LEGACY;
        }
        if (bytes[8] == '{') {
            return Format.SAFETENSORS;
        }
        throw WeightFault.at(path.toString(), "is neither a file of torch.save nor safetensors" + otherFormat(bytes));
    }

    private static String otherFormat(byte[] head) {
        if (begins(head, TAR_MAGIC_AT, "ustar")) {
            return "; it is a tar, as PyTorch wrote before 0.1.10: load it in Python and save it again";
        }
        Map<String, String> known = Map.of(
                "version https://git-lfs", "; it is a pointer of Git LFS: fetch the file itself with 'git lfs pull'",
                "<", "; it is a web page: the download went wrong",
                "\u0089HDF", "; it is HDF5, as Keras writes",
                "\u001f\u008b", "; it is compressed with gzip: unpack it first");
        return known.entrySet().stream()
                .filter(entry -> begins(head, 0, entry.getKey()))
                .map(Map.Entry::getValue)
                .findAny()
                .orElse("");
    }

    private static boolean begins(byte[] head, int at, String magic) {
        byte[] wanted = magic.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < wanted.length; i++) {
            if (head[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
