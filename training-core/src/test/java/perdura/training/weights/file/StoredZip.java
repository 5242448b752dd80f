package perdura.training.weights.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes zips as a test wants them. */
final class StoredZip {
    private StoredZip() {}

    static Path write(Path file, Map<String, byte[]> members, boolean compressed) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(member.getValue());
                ZipEntry entry = new ZipEntry(member.getKey());
                entry.setMethod(compressed ? ZipEntry.DEFLATED : ZipEntry.STORED);
                entry.setSize(member.getValue().length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(member.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }

    /** The bytes of a text whose characters are bytes. */
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
