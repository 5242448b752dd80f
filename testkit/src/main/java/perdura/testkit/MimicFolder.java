package perdura.testkit;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/**
 * A hand-made MIMIC-CXR folder: every study is sound until a test spoils it.
 *
 * @param <T> the class that a module's tests make of it
 */
public abstract class MimicFolder<T extends MimicFolder<T>> {
    public static final String REPORT =
            "FINAL REPORT\n FINDINGS: Clear lungs. No effusion. Heart is big.\n IMPRESSION: Normal.\n";

    private final Path root;
    private final List<String> metadata = new ArrayList<>();
    private final List<String> splits = new ArrayList<>();

    protected MimicFolder(Path root) throws IOException {
        this.root = root;
        metadata.add("ViewPosition,dicom_id,Comment,subject_id,study_id");
        splits.add("split,dicom_id,study_id,subject_id");
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]"));
        for (int i = 1; i < 100; i++) {
            vocabulary.add("[unused" + i + "]");
        }
        vocabulary.addAll(List.of("[UNK]", "[CLS]", "[SEP]", "[MASK]", "clear", "lungs", "no", "effusion", "."));
        Files.createDirectories(root.resolve("files"));
        Files.write(vocabularyFile(), vocabulary);
    }

    /** Adds a study with one image, and writes its files. */
    public T study(String patient, String study, String view, String split) throws IOException {
        image(patient, study, "a" + study, view, split);
        report(patient, study, REPORT);
        return self();
    }

    public T image(String patient, String study, String image, String view, String split) throws IOException {
        metadata.add(view + "," + image + ",\"a, b\"," + patient + "," + study);
        splits.add(split + "," + image + "," + study + "," + patient);
        Path file = imageFile(patient, study, image);
        Files.createDirectories(file.getParent());
        Files.write(file, jpeg(metadata.size()));
        return self();
    }

    public T report(String patient, String study, String text) throws IOException {
        Files.writeString(reportFile(patient, study), text);
        return self();
    }

    public void row(String line) {
        metadata.add(line);
    }

    /** Writes both tables as gzip files. */
    protected void writeTables() throws IOException {
        writeGzip(metadataFile(), metadata);
        writeGzip(splitFile(), splits);
    }

    /** Writes both tables as plain files, rows in reverse order. */
    protected void writePlainTables() throws IOException {
        writePlain("mimic-cxr-2.0.0-metadata.csv", metadata);
        writePlain("mimic-cxr-2.0.0-split.csv", splits);
    }

    public Path root() {
        return root;
    }

    protected abstract T self();

    public Path metadataFile() {
        return root.resolve("mimic-cxr-2.0.0-metadata.csv.gz");
    }

    public Path splitFile() {
        return root.resolve("mimic-cxr-2.0.0-split.csv.gz");
    }

    public final Path vocabularyFile() {
        return root.resolve("vocab.txt");
    }

    public Path reportFile(String patient, String study) {
        return root.resolve("files/p" + patient.substring(0, 2) + "/p" + patient + "/s" + study + ".txt");
    }

    public Path imageFile(String patient, String study, String image) {
        return root.resolve("files/p" + patient.substring(0, 2) + "/p" + patient + "/s" + study + "/" + image + ".jpg");
    }

    private void writePlain(String name, List<String> lines) throws IOException {
        List<String> reversed = new ArrayList<>(List.of(lines.get(0)));
        for (int i = lines.size() - 1; i > 0; i--) {
            reversed.add(lines.get(i));
        }
        Files.write(root.resolve(name), reversed);
    }

    private static void writeGzip(Path file, List<String> lines) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static byte[] jpeg(int shade) throws IOException {
        BufferedImage image = new BufferedImage(20, 24, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 24; y++) {
            for (int x = 0; x < 20; x++) {
                image.getRaster().setSample(x, y, 0, (x * 9 + y * 3 + shade * 17) % 256);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", out);
        return out.toByteArray();
    }
}
