package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import perdura.datasets.array.NpyWriter;
import perdura.datasets.array.NpyWriter.NpyType;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.SourceSet;

/** The arrays that the lines of the manifest fill. */
final class SampleArrays {
    private final ArrayWriters arrays;
    private final SourceSet set;
    private final int labels;
    private final SentenceIndex sentences;
    private int distinctSentences;
    private long images;
    private long boxes;
    private long reportSentences;
    private long tokens;

    /** @param sentences that knows those of all lines, by the order of their first appearance */
    SampleArrays(ArrayWriters arrays, SourceSet set, int labels, SentenceIndex sentences) throws IOException {
        this.arrays = arrays;
        this.set = set;
        this.labels = labels;
        this.sentences = sentences;
        arrays.get("image_offsets").putLong(0);
        if (set == SourceSet.RSNA) {
            arrays.get("box_offsets").putLong(0);
        }
        if (set.hasReports()) {
            arrays.get("report_offsets").putLong(0);
            arrays.get("sentence_offsets").putLong(0);
        }
    }

    void add(Manifest.Line line) throws IOException {
        arrays.get("sample_ids").putText(line.id());
        arrays.get("patient_ids").putText(line.patient());
        arrays.get("splits").putByte(DataSet.SPLITS.indexOf(line.split()));
        for (int i = 0; i < labels; i++) {
            Float value = i < line.labels().size() ? line.labels().get(i) : null;
            arrays.get("labels").putFloat(value == null ? Float.NaN : value);
        }
        for (Manifest.Line.Image image : line.images()) {
            arrays.get("image_ids").putText(image.id());
            arrays.get("image_sizes").putInt(image.width());
            arrays.get("image_sizes").putInt(image.height());
            arrays.get("image_digests").put(HexFormat.of().parseHex(image.sha256()));
            arrays.get("pixel_digests").put(HexFormat.of().parseHex(image.pixels()));
        }
        images += line.images().size();
        arrays.get("image_offsets").putLong(images);
        if (set == SourceSet.RSNA) {
            addBoxes(line.boxes() == null ? List.of() : line.boxes());
        }
        if (set.hasReports()) {
            addReport(line.sentences() == null ? List.of() : line.sentences());
        }
    }

    private void addBoxes(List<float[]> own) throws IOException {
        for (float[] box : own) {
            for (float edge : box) {
                arrays.get("boxes").putFloat(edge);
            }
        }
        boxes += own.size();
        arrays.get("box_offsets").putLong(boxes);
    }

    private void addReport(List<int[]> report) throws IOException {
        for (int[] sentence : report) {
            int number = sentences.add(sentence);
            arrays.get("report_sentences").putInt(number);
            if (number == distinctSentences) {
                distinctSentences++;
                for (int token : sentence) {
                    arrays.get("sentence_tokens").putInt(token);
                }
                tokens += sentence.length;
                arrays.get("sentence_offsets").putLong(tokens);
            }
        }
        reportSentences += report.size();
        arrays.get("report_offsets").putLong(reportSentences);
    }

    /** The arrays of one data set while they are written, by name. */
    static final class ArrayWriters implements AutoCloseable {
        private final Path folder;
        private final Map<String, NpyWriter> writers = new LinkedHashMap<>();

        ArrayWriters(Path folder) {
            this.folder = folder;
        }

        void open(String name, NpyType type, long... shape) throws IOException {
            writers.put(name, NpyWriter.create(folder.resolve(name + ".npy"), type, shape));
        }

        NpyWriter get(String name) {
            return Objects.requireNonNull(writers.get(name), name);
        }

        /** Brings all to the disk; what they hold, by file name. */
        Map<String, NpyWriter.NpyInfo> finish() throws IOException {
            Map<String, NpyWriter.NpyInfo> infos = new LinkedHashMap<>();
            for (Map.Entry<String, NpyWriter> writer : writers.entrySet()) {
                infos.put(writer.getKey() + ".npy", writer.getValue().finish());
            }
            return infos;
        }

        @Override
        public void close() throws IOException {
            for (NpyWriter writer : writers.values()) {
                writer.close();
            }
        }
    }
}
