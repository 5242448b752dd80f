package perdura.datasets.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.source.SourceTree.FileStamp;
import perdura.grids.input.RegularFile;
import perdura.grids.input.RegularFile.TooLargeException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/** Files inside a zip file. Entries that would leave its folder are faults and can't be read. */
final class ZipTree implements SourceTree {

    private final Path file;
    private final ZipFile zip;
    private final List<DataFault> faults;

    private ZipTree(Path file, ZipFile zip, List<DataFault> faults) {
        this.file = file;
        this.zip = zip;
        this.faults = faults;
    }

    static ZipTree open(Path file) {
        try {
            RegularFile.require(file);
            ZipFile zip = new ZipFile(file.toFile());
            if (zip.size() > ReadLimit.ZIP_MEMBERS.most()) {
                zip.close();
                throw new TooLargeException(ReadLimit.ZIP_MEMBERS);
            }
            return new ZipTree(file.toAbsolutePath().normalize(), zip, findFaults(file, zip));
        } catch (TooLargeException e) {
            throw new PerduraException(ErrorCode.INVALID_DATA, file + ": " + e.getMessage(), e);
        } catch (IOException | IllegalArgumentException e) { // the JDK's answer to names that are no text
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    file + ": neither a folder nor a zip file that can be read (" + e.getMessage()
                            + "); restore it from its source",
                    e);
        }
    }

    private static List<DataFault> findFaults(Path file, ZipFile zip) {
        List<DataFault> faults = new ArrayList<>();
        zip.stream()
                .filter(entry -> isOutside(entry.getName()))
                .forEach(entry -> faults.add(new DataFault(
                        file + "!" + entry.getName(), "a zip entry that leaves its folder; it is not read")));
        return faults;
    }

    private static boolean isOutside(String name) {
        return name.startsWith("/")
                || name.contains("\\")
                || Arrays.asList(name.split("/", -1)).contains("..");
    }

    @Override
    public boolean contains(String path) {
        return find(path) != null;
    }

    private @org.jspecify.annotations.Nullable ZipEntry find(String path) {
        ZipEntry entry = isOutside(path) ? null : zip.getEntry(path);
        return entry == null || entry.isDirectory() ? null : entry;
    }

    private ZipEntry entry(String path) throws IOException {
        ZipEntry entry = find(path);
        if (entry == null) {
            throw new NoSuchFileException(describe(path));
        }
        return entry;
    }

    @Override
    public InputStream stream(String path) throws IOException {
        ZipEntry entry = entry(path);
        return new CheckedMember(zip.getInputStream(entry), entry.getCrc());
    }

    /** A member whose bytes must have the checksum that the zip file gives, or -1; the JDK does not look. */
    private static final class CheckedMember extends CheckedInputStream {
        private final long expected;

        CheckedMember(InputStream in, long expected) {
            super(in, new CRC32());
            this.expected = expected;
        }

        @Override
        public int read() throws IOException {
            return checked(super.read());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return checked(super.read(bytes, offset, length));
        }

        private int checked(int read) throws IOException {
            if (read < 0 && expected >= 0 && getChecksum().getValue() != expected) {
                throw new ZipException(String.format(
                        "its bytes have the checksum %08x, the zip file says %08x",
                        getChecksum().getValue(), expected));
            }
            return read;
        }
    }

    /** The checksum stands for the time: it is there, and tells more. */
    @Override
    public FileStamp stamp(String path) throws IOException {
        ZipEntry entry = entry(path);
        return new FileStamp(entry.getSize(), entry.getCrc());
    }

    @Override
    public void visit(String folder, Consumer<String> paths) {
        zip.stream()
                .filter(entry -> !entry.isDirectory() && !isOutside(entry.getName()))
                .map(ZipEntry::getName)
                .filter(name -> folder.isEmpty() || name.startsWith(folder + "/"))
                .forEach(paths);
    }

    @Override
    public List<String> folders() {
        TreeSet<String> folders = new TreeSet<>();
        visit("", name -> {
            int slash = name.indexOf('/');
            if (slash > 0) {
                folders.add(name.substring(0, slash));
            }
        });
        return List.copyOf(folders);
    }

    @Override
    public String describe(String path) {
        return file + "!" + path;
    }

    @Override
    public List<DataFault> faults() {
        return faults;
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.INTERNAL, file + ": can't be closed", e);
        }
    }
}
