package perdura.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.Normalization;
import perdura.datasets.image.PixelMask;
import perdura.datasets.image.RunLength;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthAmount;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SynthFormat;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;

/**
 * What the profile {@code small} learns from, and other synthetic people by whom it is judged: those who have exactly one of the five
 * findings of CheXpert 5x200, half of them for their images and half for their reports.
 *
 * @param train the training set
 * @param judged the set of the judges' studies
 * @param byClass the studies of each class with images to be told, in the order of {@link #CLASSES}
 * @param reportsByClass those with reports to be found
 */
record SmallProfileData(DataSet train, DataSet judged, List<List<Study>> byClass, List<List<Study>> reportsByClass) {
    /** The five findings as the truth names them. */
    static final List<String> CLASSES = List.of("atelectasis", "cardiomegaly", "consolidation", "edema", "effusion");

    private static final int TRAINED = 3600;
    private static final int JUDGED = 9000;
    private static final int PER_CLASS = 200;
    private static final double SHORT_REPORTS = 0.3;

    /**
     * A study of the judged set.
     *
     * @param row in the data set
     * @param side of its finding: left, right or both
     * @param mask where its first image shows the finding
     */
    record Study(long row, String side, PixelMask mask) {}

    /** @param difficulty of the images, in [0, 1] */
    static SmallProfileData make(Path folder, PretrainSpec spec, double difficulty) throws IOException {
        Path train = folder.resolve("train");
        Path judged = folder.resolve("judged");
        MimicCxrSynth.write(train, config(TRAINED, 1, spec, difficulty).withShortReports(SHORT_REPORTS), done -> {});
        MimicCxrSynth.write(judged, config(JUDGED, 2, spec, difficulty), done -> {});
        DataSet set = ingest(judged, folder, spec, 4);
        List<List<Study>> lone = lone(judged, set);
        return new SmallProfileData(
                ingest(train, folder, spec, 1),
                set,
                lone.stream().map(studies -> part(studies, 0)).toList(),
                lone.stream().map(studies -> part(studies, 1)).toList());
    }

    int images() {
        return byClass.stream().mapToInt(List::size).sum();
    }

    int reports() {
        return reportsByClass.stream().mapToInt(List::size).sum();
    }

    private static SynthConfig config(int studies, long seed, PretrainSpec spec, double difficulty) {
        return new SynthConfig(
                SynthFormat.MIMIC_CXR,
                new SynthAmount(SynthAmount.Unit.STUDIES, studies),
                seed,
                difficulty,
                spec.model().imageSize(),
                SynthConfig.SiimCopy.STAGE_1);
    }

    private static DataSet ingest(Path root, Path folder, PretrainSpec spec, int minSentences) {
        IngestSpec ingest = MimicCxrSynth.ingest(root, spec.model().imageSize(), minSentences);
        Path artifacts = folder.resolve("artifacts");
        try (Ingest running = Ingest.open(ingest, artifacts, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(artifacts, running.makeAll(1, () -> {}).digest()));
        }
    }

    private static List<Study> part(List<Study> studies, int half) {
        List<Study> part = new ArrayList<>();
        for (int i = half; i < studies.size() && part.size() < PER_CLASS; i += 2) {
            part.add(studies.get(i));
        }
        return part;
    }

    private static List<List<Study>> lone(Path root, DataSet set) throws IOException {
        Map<String, List<Study>> lone = new TreeMap<>();
        CLASSES.forEach(each -> lone.put(each, new ArrayList<>()));
        ObjectMapper json = new ObjectMapper();
        for (String line : Files.readAllLines(root.resolve(MimicCxrSynth.TRUTH))) {
            JsonNode study = json.readTree(line);
            long row = set.find("s" + study.get("study_id").asText());
            Set<String> findings = new TreeSet<>();
            study.get("findings")
                    .forEach(finding -> findings.add(finding.get("finding").asText()));
            boolean isDoubted = false;
            for (JsonNode told : study.get("told")) {
                isDoubted |= told.asText().equals("unclear");
            }
            if (row >= 0 && findings.size() == 1 && !isDoubted) {
                List<Study> ofClass = lone.get(findings.iterator().next());
                if (ofClass != null) {
                    ofClass.add(study(row, study));
                }
            }
        }
        return List.copyOf(lone.values());
    }

    /** The data set has a study's frontal images by their names. */
    private static Study study(long row, JsonNode study) {
        List<JsonNode> frontal = new ArrayList<>();
        study.get("images").forEach(image -> {
            if (!image.get("view").asText().equals("LATERAL")) {
                frontal.add(image);
            }
        });
        frontal.sort(Comparator.comparing(image -> image.get("dicom_id").asText()));
        JsonNode image = frontal.get(0);
        PixelMask mask =
                new PixelMask(image.get("width").asInt(), image.get("height").asInt());
        image.get("boxes").forEach(box -> RunLength.draw(box.get("rle").asText(), mask));
        return new Study(row, study.get("findings").get(0).get("side").asText(), mask);
    }

    /** Writes the image of a study as the model takes it. */
    void writeImage(Study study, FloatBuffer out, int offset) {
        int side = Math.toIntExact(judged.images().shape().get(1));
        byte[] pixels = new byte[side * side];
        judged.images().read(judged.firstImage(study.row()), pixels, 0);
        double mean = Normalization.GREY.constants().get(0);
        double deviation = Normalization.GREY.constants().get(1);
        for (int i = 0; i < pixels.length; i++) {
            out.put(offset + i, (float) (((pixels[i] & 0xFF) / 255.0 - mean) / deviation));
        }
    }
}
