package perdura.training.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The bytes of a TorchScript archive: an uncompressed zip with source text and the pickle of an empty module. */
final class ScriptArchive {
    private static final String HEADER = """
            class Script(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
            """;

    /** Protocol 2: an instance of __torch__.Script with the state {"training": True}. */
    private static final byte[] MODULE =
            "\u0080\u0002c__torch__\nScript\n)\u0081}(X\b\0\0\0training\u0088ub.".getBytes(StandardCharsets.ISO_8859_1);

    /** Protocol 2: the empty tuple. */
    private static final byte[] NO_CONSTANTS = "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1);

    private ScriptArchive() {}

    static byte[] of(String functions) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "script/data.pkl", MODULE);
            store(zip, "script/code/__torch__.py", (HEADER + functions.indent(2)).getBytes(StandardCharsets.UTF_8));
            store(zip, "script/constants.pkl", NO_CONSTANTS);
            store(zip, "script/version", "10\n".getBytes(StandardCharsets.UTF_8)); // 10: today's operator schemas
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
