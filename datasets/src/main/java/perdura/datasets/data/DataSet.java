package perdura.datasets.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.array.NpyFile;
import perdura.datasets.array.NpyWriter.NpyInfo;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.Mentions;
import perdura.datasets.split.chexpert.Mentions.Mention;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;

/**
 * An ingested data set: arrays mapped from its folder. Samples have rows from 0, in the order of their ids; a sample's
 * images have rows of their own. What isn't asked for is not read. Thread-safe.
 */
public final class DataSet {
    /** Splits by their number in {@code splits.npy}; what has none has the last number. */
    public static final List<String> SPLITS = List.of("train", "validate", "test", "");

    private final Path folder;
    private final DataSetHeader header;
    private final NpyFile sampleIds;
    private final NpyFile patientIds;
    private final NpyFile splits;
    private final NpyFile imageOffsets;
    private final NpyFile labels;
    private final NpyFile images;
    private final @Nullable Reports reports;

    private DataSet(Path folder, DataSetHeader header) {
        this.folder = folder;
        this.header = header;
        this.sampleIds = array("sample_ids", header.samples());
        this.patientIds = array("patient_ids", header.samples());
        this.splits = array("splits", header.samples());
        this.images = array("images", header.images());
        this.imageOffsets = offsets("image_offsets", header.samples(), header.images());
        this.labels = array("labels", header.samples());
        this.reports = header.vocabulary() == null ? null : new Reports();
    }

    /** The sentences of all reports, each distinct one once. */
    private final class Reports {
        private final NpyFile sentenceTokens = array("sentence_tokens");
        private final NpyFile reportSentences = array("report_sentences");
        private final NpyFile reportOffsets = offsets("report_offsets", header.samples(), reportSentences.rows());
        private final NpyFile sentenceOffsets =
                offsets("sentence_offsets", array("sentence_offsets").rows() - 1, sentenceTokens.rows());
    }

    private NpyFile array(String name, long rows) {
        NpyFile array = array(name);
        if (array.rows() != rows) {
            throw damaged(name, "it has " + array.rows() + " rows, the data set needs " + rows);
        }
        return array;
    }

    /** Where each of so many things begins among those that it counts, and where the last one ends. */
    private NpyFile offsets(String name, long things, long counted) {
        NpyFile offsets = array(name, things + 1);
        long before = 0;
        for (long i = 0; i <= things; i++) {
            long offset = offsets.longAt(i);
            if (offset < before || offset > counted) {
                throw damaged(
                        name,
                        "its element " + i + " is " + offset + ", it must be in [" + before + ", " + counted + "]");
            }
            before = offset;
        }
        return offsets;
    }

    private PerduraException damaged(String name, String what) {
        return new PerduraException(
                ErrorCode.INVALID_DATA,
                folder.resolve(name + ".npy") + ": damaged array, " + what + "; ingest the data set again");
    }

    /** Where an artifact store keeps its data sets. */
    public static Path folder(Path artifactRoot, String digest) {
        return artifactRoot.toAbsolutePath().resolve("datasets").resolve(digest);
    }

    /** Whether an artifact store has a data set, whole. */
    public static boolean exists(Path artifactRoot, String digest) {
        return Files.exists(folder(artifactRoot, digest).resolve(DataSetHeader.FILE));
    }

    /**
     * Opens a data set.
     *
     * @throws PerduraException INVALID_DATA if it is not there, not whole, or an array is damaged
     */
    public static DataSet open(Path folder) {
        return new DataSet(folder, DataSetHeader.read(folder));
    }

    public DataSetHeader header() {
        return header;
    }

    /**
     * Maps one of the data set's arrays.
     *
     * @throws PerduraException INVALID_DATA if it is not there, or not what the header says
     */
    public NpyFile array(String name) {
        NpyFile array = NpyFile.map(folder.resolve(name + ".npy"));
        NpyInfo info = header.arrays().get(name + ".npy");
        if (info == null || !info.type().equals(array.type()) || !info.shape().equals(array.shape())) {
            throw damaged(
                    name,
                    "it holds " + array.type() + " of shape " + array.shape() + ", " + DataSetHeader.FILE + " says "
                            + (info == null ? "nothing of it" : info.type() + " of shape " + info.shape()));
        }
        return array;
    }

    public boolean hasArray(String name) {
        return header.arrays().containsKey(name + ".npy");
    }

    public long size() {
        return header.samples();
    }

    public String sampleId(long row) {
        return sampleIds.textAt(row);
    }

    public String patientId(long row) {
        return patientIds.textAt(row);
    }

    /** The owner's split of a sample, empty if there is none. */
    public String split(long row) {
        return SPLITS.get(splits.byteAt(row));
    }

    /** The row of the first image of a sample. */
    public long firstImage(long row) {
        return imageOffsets.longAt(row);
    }

    /** How many images a sample has, at least 1. */
    public int imageCount(long row) {
        return Math.toIntExact(imageOffsets.longAt(row + 1) - imageOffsets.longAt(row));
    }

    /** Images of which each row is [size, size], uint8. */
    public NpyFile images() {
        return images;
    }

    /** The same images as a model sees all of them: resized once, straight to its side (sense.md 1.4). [side, side], uint8. */
    NpyFile wholeImages() {
        NpyFile whole = hasArray("eval_images") ? array("eval_images") : images;
        long stored = whole.shape().get(1);
        if (stored != header.imageSize()) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "data set " + header.digest() + ": its images of " + stored
                            + " pixels are for crops, and it has no array eval_images of " + header.imageSize()
                            + " pixels; ingest it again");
        }
        return whole;
    }

    /** A label of a sample; NaN where the owner's table has none. */
    public float label(long row, int label) {
        return labels.floatAt(row, label);
    }

    /** What the fourteen first labels, those of CheXpert and MIMIC-CXR, say of a sample. */
    public Mentions mentions(long row) {
        return new Mentions(IntStream.range(0, ChexpertFinding.COLUMNS.size())
                .mapToObj(i -> Mention.ofLabel(label(row, i)))
                .toList());
    }

    /** Sentences of a sample's report. */
    public int sentenceCount(long row) {
        NpyFile offsets = reports().reportOffsets;
        return Math.toIntExact(offsets.longAt(row + 1) - offsets.longAt(row));
    }

    /** The number of a sample's sentence among the distinct ones. */
    public int sentence(long row, int index) {
        return reports().reportSentences.intAt(reports().reportOffsets.longAt(row) + index);
    }

    /** Piece ids of a distinct sentence, without special pieces. */
    public int[] sentenceTokens(int sentence) {
        Reports all = reports();
        long from = all.sentenceOffsets.longAt(sentence);
        int[] tokens = new int[Math.toIntExact(all.sentenceOffsets.longAt(sentence + 1L) - from)];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = all.sentenceTokens.intAt(from + i);
        }
        return tokens;
    }

    /** Piece ids of all sentences of a sample's report, in its order. */
    public List<int[]> sentences(long row) {
        int count = sentenceCount(row);
        List<int[]> sentences = new ArrayList<>(count);
        for (int k = 0; k < count; k++) {
            sentences.add(sentenceTokens(sentence(row, k)));
        }
        return sentences;
    }

    private Reports reports() {
        if (reports == null) {
            throw new IllegalStateException("the set " + header.set().word() + " has no reports");
        }
        return reports;
    }

    /** The row of a sample, or -1. */
    public long find(String sampleId) {
        long low = 0;
        long high = size() - 1;
        while (low <= high) {
            long middle = (low + high) >>> 1;
            int order = sampleId(middle).compareTo(sampleId);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** The vocabulary that its reports were cut by. */
    public Vocabulary vocabulary() {
        reports();
        return Vocabulary.read(vocabularyFile(folder));
    }

    /** Where the folder of a data set with reports keeps their vocabulary. */
    public static Path vocabularyFile(Path folder) {
        return folder.resolve("vocab.txt");
    }

    /**
     * Refuses a data set that a pre-training can't train on.
     *
     * @param method whose text sections and images are wanted
     * @param imageSize side of the images that the model takes, pixels
     * @throws PerduraException INVALID_SPEC
     */
    public void requireForPretraining(IngestSpec.Profile method, int imageSize) {
        String name = "data set " + header.digest();
        String refusal = null;
        if (reports == null) {
            refusal = "data.dataset: " + name + " (" + header.set().word()
                    + ") has no reports to pre-train on; ingest mimic-cxr";
        } else if (header.profile() != method) {
            refusal = "data.dataset: " + name + " was ingested with --profile "
                    + header.profile().word() + "; ingest it with --profile " + method.word();
        } else if (header.imageSize() != imageSize) {
            refusal = "model.imageSize is " + imageSize + ", but " + name + " was ingested with " + header.imageSize()
                    + "; ingest it with --image-size " + imageSize;
        }
        if (refusal != null) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, refusal);
        }
    }
}
