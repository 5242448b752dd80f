package perdura.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.JpegFile;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** Drawn radiographs as large as real ones, in pixels and in bytes; and a folder like MIMIC-CXR's of them, one a study, with reports of invented words. */
final class DrawnRadiographs {
    private static final int WORDS = 500;

    private DrawnRadiographs() {}

    /** The image files, in the order of the studies. */
    static List<Path> write(Path root, int studies, int width, int height) throws IOException {
        List<String> metadata = new ArrayList<>(List.of("dicom_id,subject_id,study_id,ViewPosition"));
        List<String> splits = new ArrayList<>(List.of("dicom_id,study_id,subject_id,split"));
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < studies; i++) {
            String patient = Integer.toString(10_000_000 + i);
            String study = Integer.toString(50_000_000 + i);
            Path folder = root.resolve("files/p10/p" + patient);
            files.add(folder.resolve("s" + study + "/i" + i + ".jpg"));
            draw(files.get(i), i, width, height);
            Files.writeString(folder.resolve("s" + study + ".txt"), report(i));
            metadata.add("i" + i + "," + patient + "," + study + ",PA");
            splits.add("i" + i + "," + study + "," + patient + ",train");
        }
        Files.write(root.resolve("mimic-cxr-2.0.0-metadata.csv"), metadata, StandardCharsets.UTF_8);
        Files.write(root.resolve("mimic-cxr-2.0.0-split.csv"), splits, StandardCharsets.UTF_8);
        Files.write(root.resolve("vocab.txt"), vocabulary(), StandardCharsets.UTF_8);
        return files;
    }

    /** Ingests the folder {@code mimic} of a folder into {@code artifacts}, for PRIOR. */
    static DataSet ingest(Path folder, int side) {
        IngestSpec spec = new IngestSpec(
                SourceSet.MIMIC_CXR,
                folder.resolve("mimic"),
                IngestSpec.Profile.STANDARD,
                side,
                folder.resolve("mimic/vocab.txt"),
                1,
                IngestSpec.Sections.FINDINGS_IMPRESSION,
                null,
                IngestSpec.Sampling.STANDARD,
                true,
                false);
        return ingest(spec, folder.resolve("artifacts"), 2);
    }

    static DataSet ingest(IngestSpec spec, Path artifacts, int threads) {
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            String digest = ingest.makeAll(threads, () -> {}).digest();
            return DataSet.open(DataSet.folder(artifacts, digest));
        }
    }

    private static String report(int study) {
        RandomStream random = Seeds.stream("benchmark", "report", study);
        StringBuilder text = new StringBuilder("FINAL REPORT\n FINDINGS:");
        for (int sentence = 0; sentence < 7; sentence++) {
            for (int word = 0; word < 9; word++) {
                text.append(" word").append(random.bounded(WORDS));
            }
            text.append('.');
        }
        return text.append('\n').toString();
    }

    private static List<String> vocabulary() {
        String[] pieces = new String[106 + WORDS];
        Arrays.setAll(pieces, i -> i < 106 ? "[unused" + i + "]" : "word" + (i - 106));
        pieces[0] = "[PAD]";
        pieces[100] = "[UNK]";
        pieces[101] = "[CLS]";
        pieces[102] = "[SEP]";
        pieces[103] = "[MASK]";
        pieces[104] = ".";
        return List.of(pieces);
    }

    /** Soft shapes with the grain of a detector, which makes a file as large as a real one. Another one for each number. */
    static void draw(Path file, int number, int width, int height) throws IOException {
        RandomStream random = Seeds.stream("benchmark", "ingest", number);
        byte[] pixels = BilinearResize.resize(noise(random), width, height).pixels();
        for (int i = 0; i < pixels.length; i++) {
            double grain = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
            pixels[i] = (byte) Math.max(0, Math.min(255, (pixels[i] & 0xFF) + 3.4 * grain));
        }
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, JpegFile.encode(pixels, width, height));
    }

    private static GrayImage noise(RandomStream random) {
        byte[] pixels = new byte[9 * 11];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Math.max(0, Math.min(255, 128 + 50 * random.nextGaussian()));
        }
        return new GrayImage(9, 11, pixels);
    }
}
