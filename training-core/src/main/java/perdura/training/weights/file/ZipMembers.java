package perdura.training.weights.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/**
 * Where the members of a zip file lie. PyTorch stores them as they are, so nothing is ever inflated, and a size can't be a
 * lie. A zip library hides the places, and keeps an object for
 * each entry of a hostile directory.
 */
record ZipMembers(FileChannel channel, String file) {
    /** Beside one for each tensor. */
    private static final int OTHER_MEMBERS = 100;

    private static final int CHUNK_BYTES = 1 << 20;
    private static final int MAX_COMMENT_BYTES = 0xFFFF;
    private static final int END_BYTES = 22;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64_BYTES = 20;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL_BYTES = 30;

    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int ENTRY = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int STORED = 0;
    private static final int ENCRYPTED = 1;
    private static final long FULL32 = 0xFFFFFFFFL;
    private static final int ZIP64_FIELD = 1;

    /**
     * A member's bytes in the file.
     *
     * @param stored whether they are the content; else they are compressed, and nobody reads them
     * @param crc their checksum (CRC-32); 0 where the writer has left it out, as PyTorch can
     */
    record Member(String name, long position, long sizeBytes, boolean stored, int crc) {}

    private record Directory(long position, long sizeBytes, long members) {}

    /**
     * All members by name, in the directory's order.
     *
     * @throws PerduraException INVALID_WEIGHTS if the zip is damaged, or a member is encrypted, beyond the file,
     *     twice there, or has a name that leads elsewhere
     */
    static Map<String, Member> read(FileChannel channel, String file) throws IOException {
        return new ZipMembers(channel, file).read();
    }

    /**
     * Reads the bytes of every member that is stored as it is.
     *
     * @throws PerduraException INVALID_WEIGHTS if they are not what a member's checksum says
     */
    static void verify(FileChannel channel, String file) throws IOException {
        ZipMembers zip = new ZipMembers(channel, file);
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        for (Member member : zip.read().values()) {
            if (member.stored && member.crc != 0) {
                zip.verify(member, chunk);
            }
        }
    }

    private void verify(Member member, ByteBuffer chunk) throws IOException {
        CRC32 crc = new CRC32();
        long end = member.position + member.sizeBytes;
        for (long at = member.position; at < end; at += chunk.limit()) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), end - at));
            if (channel.read(chunk, at) <= 0) {
                throw fault("the member " + WeightFault.shown(member.name) + " ends early; is the file being written?");
            }
            crc.update(chunk.flip());
        }
        if ((int) crc.getValue() != member.crc) {
            throw fault(String.format(
                    "the member %s is damaged: its bytes have the checksum %08x, the zip says %08x; restore the file",
                    WeightFault.shown(member.name), crc.getValue(), member.crc));
        }
    }

    private Map<String, Member> read() throws IOException {
        Directory directory = directory();
        long most = ReadLimit.WEIGHT_TENSORS.most() + OTHER_MEMBERS;
        if (directory.sizeBytes > ReadLimit.WEIGHT_HEADER_BYTES.most()) {
            throw fault("the zip's directory has " + directory.sizeBytes + " bytes: "
                    + ReadLimit.WEIGHT_HEADER_BYTES.told());
        }
        if (directory.members > most) {
            throw fault("the zip has " + directory.members + " members: " + ReadLimit.WEIGHT_TENSORS.told());
        }
        ByteBuffer entries = bytes(directory.position, directory.sizeBytes, "the zip's directory");
        Map<String, Member> members = new LinkedHashMap<>();
        while (entries.hasRemaining()) {
            Member member = entry(entries, directory.position);
            if (members.put(member.name, member) != null) {
                throw fault("the zip has two members " + WeightFault.shown(member.name));
            }
            if (members.size() > most) {
                throw fault("the zip has more than " + most + " members: " + ReadLimit.WEIGHT_TENSORS.told());
            }
        }
        return members;
    }

    private Directory directory() throws IOException {
        long size = channel.size();
        int tail = (int) Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
        ByteBuffer end = bytes(size - tail, tail, "the zip's end");
        for (int at = tail - END_BYTES; at >= 0; at--) {
            if (end.getInt(at) == END && (end.getShort(at + 20) & 0xFFFF) == tail - at - END_BYTES) {
                long members = end.getShort(at + 10) & 0xFFFF;
                long bytes = end.getInt(at + 12) & FULL32;
                long position = end.getInt(at + 16) & FULL32;
                boolean is64 = members == 0xFFFF || bytes == FULL32 || position == FULL32;
                Directory found = is64 ? directory64(size - tail + at) : new Directory(position, bytes, members);
                return checked(found, size - tail + at);
            }
        }
        throw fault("begins like a zip, but its directory is missing at the end; is the file truncated?");
    }

    private Directory directory64(long endPosition) throws IOException {
        ByteBuffer locator = bytes(endPosition - LOCATOR64_BYTES, LOCATOR64_BYTES, "the zip's 64-bit locator");
        if (locator.getInt(0) != LOCATOR64) {
            throw fault("the zip's 64-bit locator is missing");
        }
        ByteBuffer end = bytes(locator.getLong(8), END64_BYTES, "the zip's 64-bit end");
        if (end.getInt(0) != END64) {
            throw fault("the zip's 64-bit end is missing");
        }
        return new Directory(end.getLong(48), end.getLong(40), end.getLong(32));
    }

    private Directory checked(Directory directory, long endPosition) {
        if (directory.position < 0
                || directory.sizeBytes < 0
                || directory.members < 0
                || directory.position > endPosition
                || directory.sizeBytes > endPosition - directory.position) {
            throw fault("the zip's directory of " + directory.sizeBytes + " bytes at " + directory.position
                    + " is not inside the file");
        }
        return directory;
    }

    private Member entry(ByteBuffer entries, long dataEnd) throws IOException {
        int at = entries.position();
        if (entries.remaining() < ENTRY_BYTES || entries.getInt(at) != ENTRY) {
            throw fault("the zip's directory is damaged at its byte " + at);
        }
        int nameBytes = entries.getShort(at + 28) & 0xFFFF;
        int extraBytes = entries.getShort(at + 30) & 0xFFFF;
        int commentBytes = entries.getShort(at + 32) & 0xFFFF;
        if (nameBytes + extraBytes + commentBytes > entries.remaining() - ENTRY_BYTES) {
            throw fault("the zip's directory is damaged at its byte " + at);
        }
        byte[] nameText = new byte[nameBytes];
        entries.position(at + ENTRY_BYTES).get(nameText);
        String name = new String(nameText, StandardCharsets.UTF_8);
        ByteBuffer extra = entries.slice(entries.position(), extraBytes).order(ByteOrder.LITTLE_ENDIAN);
        entries.position(at + ENTRY_BYTES + nameBytes + extraBytes + commentBytes);
        checkName(name);
        if ((entries.getShort(at + 8) & ENCRYPTED) != 0) {
            throw fault("the member " + WeightFault.shown(name) + " is encrypted");
        }
        boolean stored = entries.getShort(at + 10) == STORED;
        long compressed = entries.getInt(at + 20) & FULL32;
        long size = entries.getInt(at + 24) & FULL32;
        long local = entries.getInt(at + 42) & FULL32;
        ByteBuffer wide = wide(extra);
        size = size == FULL32 ? next(wide, name) : size;
        compressed = compressed == FULL32 ? next(wide, name) : compressed;
        local = local == FULL32 ? next(wide, name) : local;
        if (stored && size != compressed) {
            throw fault("the member " + WeightFault.shown(name) + " is stored, but has the sizes " + compressed
                    + " and " + size);
        }
        return member(name, local, compressed, stored, entries.getInt(at + 16), dataEnd);
    }

    /** The 64-bit numbers of an entry; empty if it has none. */
    private static ByteBuffer wide(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xFFFF;
            int length = Math.min(extra.getShort() & 0xFFFF, extra.remaining());
            if (id == ZIP64_FIELD) {
                return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + length);
        }
        return ByteBuffer.allocate(0);
    }

    private long next(ByteBuffer wide, String name) {
        if (wide.remaining() < 8) {
            throw fault("the member " + WeightFault.shown(name) + " lacks its 64-bit numbers");
        }
        return wide.getLong();
    }

    private Member member(String name, long local, long size, boolean stored, int crc, long dataEnd)
            throws IOException {
        ByteBuffer header = bytes(local, LOCAL_BYTES, "the header of " + WeightFault.shown(name));
        long position = local + LOCAL_BYTES + (header.getShort(26) & 0xFFFF) + (header.getShort(28) & 0xFFFF);
        if (header.getInt(0) != LOCAL || (header.getShort(8) == STORED) != stored) {
            throw fault("the member " + WeightFault.shown(name) + " has no header at byte " + local);
        }
        if (size < 0 || position > dataEnd || size > dataEnd - position) {
            throw fault("the member " + WeightFault.shown(name) + " of " + size + " bytes at " + position
                    + " is not inside the file");
        }
        return new Member(name, position, size, stored, crc);
    }

    private void checkName(String name) {
        boolean leadsElsewhere = name.isEmpty() || name.startsWith("/") || name.contains("\\") || name.contains(":");
        for (String part : name.split("/", -1)) {
            leadsElsewhere |= part.equals("..");
        }
        if (leadsElsewhere || name.chars().anyMatch(Character::isISOControl)) {
            throw fault("the zip has a member named '" + WeightFault.shown(name) + "', which leads elsewhere");
        }
    }

    private ByteBuffer bytes(long position, long length, String what) throws IOException {
        if (position < 0 || length < 0 || length > channel.size() || position > channel.size() - length) {
            throw fault(what + " is not inside the file; is it truncated?");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw fault(what + " ends early; is the file being written?");
            }
        }
        return buffer.flip();
    }

    private PerduraException fault(String fault) {
        return WeightFault.at(file, fault);
    }
}
