package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.datasets.image.DicomFault;
import perdura.datasets.image.DicomFile;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.JpegFile;
import perdura.datasets.ingest.PartWriter.StampLine;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.source.FaultList.FaultException;
import perdura.datasets.source.SourceTree;
import perdura.datasets.source.SourceTree.FileStamp;
import perdura.datasets.text.SectionParser;
import perdura.datasets.text.SectionParser.ReportSections;
import perdura.datasets.text.StudySentences;
import perdura.datasets.text.Vocabulary;
import perdura.datasets.text.WordPieceTokenizer;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.Sha256;
import perdura.grids.spec.SourceSet;

/** Opens the files of samples. Thread-safe. */
final class SampleLoader {
    private final SourceTree tree;
    private final IngestSpec spec;
    private final @Nullable KnownImages known;
    private final List<ImageView> views;
    private final @Nullable WordPieceTokenizer tokenizer;

    /** @param vocabulary for sets with reports; without one their sentences have no pieces */
    SampleLoader(SourceTree tree, IngestSpec spec, @Nullable Vocabulary vocabulary, @Nullable KnownImages known) {
        this.tree = tree;
        this.spec = spec;
        this.known = known;
        this.views = ImageView.of(spec);
        this.tokenizer = vocabulary == null ? null : new WordPieceTokenizer(vocabulary);
    }

    /**
     * What became of a sample.
     *
     * @param line null if it is left out
     * @param images those that are sound
     * @param leftOut why it, or images of it, are left out
     * @param seen the files that were looked at, those that are missing too
     */
    record Outcome(
            Manifest.@Nullable Line line,
            List<LoadedImage> images,
            List<Exclusion> leftOut,
            List<DataFault> faults,
            List<StampLine> seen) {}

    /**
     * One image of a sample.
     *
     * @param pixels of each view, and then those of the mask where the set has masks
     * @param boxes x0, y0, x1, y1 in pixels of the first view
     */
    record LoadedImage(Manifest.Line.Image line, List<byte[]> pixels, List<float[]> boxes) {}

    Outcome load(IngestPlan.Sample plan) {
        Work work = new Work(plan);
        Manifest.Line line = work.load();
        return new Outcome(line, work.images, work.leftOut, work.faults, work.seen);
    }

    /** The loading of one sample. */
    private final class Work {
        private final IngestPlan.Sample plan;
        private final List<LoadedImage> images = new ArrayList<>();
        private final List<Exclusion> leftOut = new ArrayList<>();
        private final List<DataFault> faults = new ArrayList<>();
        private final List<StampLine> seen = new ArrayList<>();

        Work(IngestPlan.Sample plan) {
            this.plan = plan;
        }

        Manifest.@Nullable Line load() {
            String report = plan.report();
            List<int[]> sentences = report == null ? List.of() : sentences(report);
            return sentences == null ? null : withImages(sentences);
        }

        /** Null if the report leaves the study out. */
        private @Nullable List<int[]> sentences(String path) {
            seen.add(new StampLine(path, false, stamp(path)));
            try {
                ReportSections sections = sections(path, tree.read(path, ReadLimit.REPORT_BYTES));
                if (sections.isEmpty()) {
                    leftOut.add(Exclusion.NO_SECTION);
                    return null;
                }
                List<String> sentences = split(sections);
                if (sentences.size() < spec.minSentences()) {
                    leftOut.add(Exclusion.TOO_FEW_SENTENCES);
                    return null;
                }
                return tokenize(sentences);
            } catch (NoSuchFileException e) {
                leftOut.add(Exclusion.NO_REPORT);
            } catch (IOException e) {
                faults.add(new DataFault(tree.describe(path), "can't be read (" + RegularFile.reason(e) + ")"));
                leftOut.add(Exclusion.FAULTY_SAMPLE);
            } catch (FaultException e) {
                faults.add(e.fault());
                leftOut.add(Exclusion.FAULTY_SAMPLE);
            }
            return null;
        }

        private Manifest.@Nullable Line withImages(List<int[]> sentences) {
            for (IngestPlan.Sample.Image image : plan.images()) {
                FileStamp stamp = stamp(image.path()); // before the bytes: a change while they are read shows
                LoadedImage loaded = load(image, stamp);
                seen.add(new StampLine(image.path(), loaded != null, stamp));
                if (loaded != null) {
                    images.add(loaded);
                } else {
                    leftOut.add(Exclusion.FAULTY_IMAGE);
                }
            }
            if (images.isEmpty()) {
                leftOut.add(Exclusion.FAULTY_SAMPLE);
                return null;
            }
            LoadedImage first = images.get(0);
            return new Manifest.Line(
                    plan.id(),
                    plan.patient(),
                    plan.split(),
                    images.stream().map(LoadedImage::line).toList(),
                    plan.labels(),
                    spec.set() == SourceSet.RSNA ? first.boxes() : null,
                    spec.set() == SourceSet.SIIM ? Sha256.of(first.pixels().get(views.size())) : null,
                    spec.set().hasReports() ? sentences : null);
        }

        private @Nullable LoadedImage load(IngestPlan.Sample.Image image, FileStamp stamp) {
            try {
                return image(plan, image, stamp);
            } catch (FaultException e) {
                faults.add(e.fault());
            } catch (NoSuchFileException e) {
                faults.add(new DataFault(
                        tree.describe(image.path()),
                        "no such file, though a table lists it; restore it or take it out of the table"));
            } catch (DicomFault e) { // says itself what helps
                faults.add(new DataFault(tree.describe(image.path()), String.valueOf(e.getMessage())));
            } catch (IOException e) {
                faults.add(new DataFault(
                        tree.describe(image.path()),
                        RegularFile.reason(e) + "; restore the image from its source or take it out of the table"));
            }
            return null;
        }
    }

    /** What a change of the file would change; that of a missing file if it is not there. */
    FileStamp stamp(String path) {
        try {
            return tree.stamp(path);
        } catch (IOException e) {
            return StampLine.MISSING; // reading it tells why
        }
    }

    /** The sections that are read; empty if it has none of them. */
    private ReportSections sections(String path, byte[] report) throws FaultException {
        ReportSections all = SectionParser.select(decode(path, report));
        return spec.sections() == IngestSpec.Sections.FINDINGS ? new ReportSections("", all.findings()) : all;
    }

    /** The sentences of the impression, then those of the findings. */
    private List<String> split(ReportSections sections) {
        return switch (spec.profile()) {
            case PRIOR -> sections.sentences();
            case SENSE -> {
                List<String> sentences = new ArrayList<>(StudySentences.of(sections.impression()));
                sentences.addAll(StudySentences.of(sections.findings()));
                yield sentences;
            }
        };
    }

    private String decode(String path, byte[] bytes) throws FaultException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer chars = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, chars, true);
        if (result.isError()) {
            throw new FaultException(new DataFault(
                    tree.describe(path),
                    "not UTF-8 at byte " + in.position() + "; restore the report from its source"));
        }
        return chars.flip().toString();
    }

    private List<int[]> tokenize(List<String> sentences) {
        WordPieceTokenizer pieces = tokenizer;
        return pieces == null
                ? Collections.nCopies(sentences.size(), new int[0])
                : sentences.stream().map(pieces::tokenize).toList();
    }

    private LoadedImage image(IngestPlan.Sample plan, IngestPlan.Sample.Image image, FileStamp stamp)
            throws IOException, FaultException {
        Optional<LoadedImage> earlier = known == null ? Optional.empty() : known.find(plan.id(), image.id(), stamp);
        LoadedImage read = earlier.isPresent() ? earlier.get() : read(image);
        ImageTruths truths = new ImageTruths(read.line().width(), read.line().height(), views.get(0));
        List<byte[]> pixels = new ArrayList<>(read.pixels());
        if (spec.set() == SourceSet.SIIM) {
            pixels.add(truths.mask(plan.runs()).toBytes());
        }
        return new LoadedImage(read.line(), pixels, truths.boxes(plan.boxes()));
    }

    private LoadedImage read(IngestPlan.Sample.Image listed) throws IOException {
        byte[] bytes = tree.read(listed.path(), ReadLimit.IMAGE_BYTES);
        boolean isDicom = listed.path().toLowerCase(Locale.ROOT).endsWith(".dcm");
        GrayImage image = isDicom ? DicomFile.decode(bytes) : JpegFile.decode(bytes);
        Manifest.Line.Image line = new Manifest.Line.Image(
                listed.id(), Sha256.of(bytes), Sha256.of(image.pixels()), image.width(), image.height());
        return new LoadedImage(
                line, views.stream().map(view -> view.render(image)).toList(), List.of());
    }
}
