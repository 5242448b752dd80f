package perdura.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** A folder like MIMIC-CXR's with drawn radiographs, one a study, and reports of invented words. */
final class DrawnMimic {
    private static final int WORDS = 500;

    private DrawnMimic() {}

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
            Radiographs.draw(files.get(i), i, width, height);
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
                IngestSpec.Profile.PRIOR,
                side,
                folder.resolve("mimic/vocab.txt"),
                1,
                IngestSpec.Sections.FINDINGS_IMPRESSION,
                null,
                IngestSpec.Sampling.STANDARD,
                true,
                false);
        Path artifacts = folder.resolve("artifacts");
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(artifacts, ingest.makeAll(2, () -> {}).digest()));
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
}
