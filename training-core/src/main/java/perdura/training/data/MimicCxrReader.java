package perdura.training.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.text.Vocabulary;

/**
 * Reads a data set in the layout of MIMIC-CXR-JPG with the reports of MIMIC-CXR beside the image folders (prior.md 1.1,
 * 1.2): {@code files/p10/p10000032/s50414267/<dicom_id>.jpg}, {@code files/p10/p10000032/s50414267.txt}, and the metadata
 * and split tables. A missing report is a filter; everything else that is listed must be there and sound.
 */
public final class MimicCxrReader {
    private final DataSpec spec;
    private final Set<OfficialSplit> splits;
    private final Map<LeftOut, Long> leftOut = new EnumMap<>(LeftOut.class);
    private final FaultList faults = new FaultList();
    private final StudyDigest digest = new StudyDigest();
    private final List<Study> studies = new ArrayList<>();
    private long imagesListed;
    private long studiesListed;
    private @Nullable Vocabulary vocabulary;

    private MimicCxrReader(DataSpec spec) {
        this.spec = spec;
        this.splits = OfficialSplit.of(spec.split());
        for (LeftOut reason : LeftOut.values()) {
            leftOut.put(reason, 0L);
        }
    }

    /**
     * Reads a data set for a training.
     *
     * @throws PerduraException INVALID_DATA with all faults, at most {@value DataReport#FAULTS_SHOWN} one by one, or if the
     *     filters leave no study
     */
    public static StudyIndex read(DataSpec spec, ImageCheck check) {
        MimicCxrReader reader = new MimicCxrReader(spec);
        reader.readAll(check);
        reader.faults.throwIfAny(spec.root());
        Vocabulary vocabulary = reader.vocabulary;
        if (reader.studies.isEmpty() || vocabulary == null) {
            throw new PerduraException(ErrorCode.INVALID_DATA, reader.emptiness());
        }
        return new StudyIndex(reader.studies, vocabulary, reader.report(), reader.digest.finish(vocabulary));
    }

    /** Looks at a whole data set, decodes every image, and tells what is there and what is wrong with it. */
    public static DataReport inspect(DataSpec spec) {
        MimicCxrReader reader = new MimicCxrReader(spec);
        reader.readAll(ImageCheck.DECODE);
        return reader.report();
    }

    private void readAll(ImageCheck check) {
        readVocabulary();
        if (!isFolder(spec.root(), "data.root must name the folder of the data set")
                || !isFolder(spec.root().resolve("files"), "the data set's images and reports must lie in it")) {
            return;
        }
        MimicCxrTables tables = MimicCxrTables.read(spec.root(), faults);
        List<ListedStudy> listed = tables.studies();
        imagesListed = tables.images();
        studiesListed = listed.size();
        leftOut.put(LeftOut.NOT_FRONTAL, tables.notFrontal());
        List<ListedStudy> wanted =
                listed.stream().filter(s -> splits.contains(s.split())).toList();
        leftOut.put(LeftOut.OTHER_SPLIT, studiesListed - wanted.size());
        StudyFiles files = new StudyFiles(spec, check);
        wanted.parallelStream().map(files::load).collect(Collectors.toList()).forEach(this::add);
    }

    private void readVocabulary() {
        try {
            vocabulary = Vocabulary.read(spec.vocabulary());
        } catch (PerduraException e) {
            faults.add(new DataFault("data.vocabulary", String.valueOf(e.getMessage())));
        }
    }

    private boolean isFolder(Path folder, String rule) {
        if (Files.isDirectory(folder)) {
            return true;
        }
        faults.add(folder, "no such folder; " + rule);
        return false;
    }

    private void add(StudyFiles.Outcome outcome) {
        outcome.faults().forEach(faults::add);
        if (outcome.leftOut() != null) {
            leftOut.merge(outcome.leftOut(), 1L, Long::sum);
        }
        if (outcome.study() != null) {
            studies.add(outcome.study());
            digest.add(outcome.study(), outcome.imageDigests());
        }
    }

    private DataReport report() {
        Set<String> patients = new HashSet<>();
        long images = 0;
        long sentences = 0;
        for (Study study : studies) {
            patients.add(study.patientId());
            images += study.images().size();
            sentences += study.sentences().size();
        }
        return new DataReport(
                imagesListed,
                studiesListed,
                leftOut,
                studies.size(),
                patients.size(),
                images,
                sentences,
                faults.first(),
                faults.count());
    }

    private String emptiness() {
        String reasons = leftOut.entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey().description())
                .collect(Collectors.joining(", "));
        return "data set " + spec.root() + " has no study for split " + spec.split() + " with at least "
                + spec.minSentences() + " sentences; of " + studiesListed + " studies are left out: " + reasons
                + "; reports must lie beside the image folders, as files/p10/p10000032/s50414267.txt";
    }
}
