package perdura.datasets.ingest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.image.PixelMask;
import perdura.datasets.ingest.SampleLoader.LoadedSample;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree.FileStamp;
import perdura.grids.spec.Sha256;
import perdura.grids.spec.SourceSet;

/** Writes the samples of a part: lines of the manifest, stamps of files, and pixels without a header. */
final class PartWriter implements AutoCloseable {
    static final String SAMPLES = "samples.jsonl";
    static final String STAMPS = "stamps.jsonl";
    static final String MASKS = "masks";

    private static final int BUFFER_BYTES = 1 << 18;

    private final Path folder;
    private final PartCollector collector;
    private final OutputStream samples;
    private final OutputStream stamps;
    private final List<OutputStream> views = new ArrayList<>();
    private final @Nullable OutputStream masks;

    PartWriter(Path folder, SourceSet set, List<ImageView> imageViews) throws IOException {
        this.folder = folder;
        this.collector = new PartCollector(set);
        this.samples = open(SAMPLES);
        this.stamps = open(STAMPS);
        for (ImageView view : imageViews) {
            views.add(open(pixelFile(view.name())));
        }
        this.masks = set == SourceSet.SIIM ? open(pixelFile(MASKS)) : null;
    }

    /** The file of a view's pixels, or of the masks. */
    static String pixelFile(String name) {
        return name + ".bin";
    }

    private OutputStream open(String name) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(folder.resolve(name)), BUFFER_BYTES);
    }

    void add(SampleLoader.Outcome outcome) throws IOException {
        Manifest.Line line = collector.add(outcome);
        for (StampLine file : outcome.seen()) {
            writeLine(stamps, IngestJson.bytes(file));
        }
        LoadedSample sample = outcome.sample();
        if (line == null || sample == null) {
            return;
        }
        writeLine(samples, line.write().getBytes(StandardCharsets.UTF_8));
        for (LoadedSample.Image image : sample.images()) {
            for (int i = 0; i < views.size(); i++) {
                views.get(i).write(image.views().get(i));
            }
            PixelMask mask = image.mask();
            if (masks != null && mask != null) {
                masks.write(mask.toBytes());
            }
        }
    }

    private static void writeLine(OutputStream out, byte[] line) throws IOException {
        out.write(line);
        out.write('\n');
    }

    /** Ends all files, and writes what the part came to. */
    PartSummary finish() throws IOException {
        close();
        PartSummary summary = collector.summary();
        Files.write(folder.resolve(PartSummary.FILE), IngestJson.bytes(summary));
        return summary;
    }

    @Override
    public void close() throws IOException {
        samples.close();
        stamps.close();
        for (OutputStream view : views) {
            view.close();
        }
        if (masks != null) {
            masks.close();
        }
    }

    /**
     * A file that a part was made from, or that it missed, and by what a change of it would show.
     *
     * @param kept whether it is an image that the part keeps; these come in the order of the part's images
     */
    record StampLine(String path, boolean kept, FileStamp stamp) {
        /** Of a file that is not there. */
        static final FileStamp MISSING = new FileStamp(-1, 0);
    }

    /** Exclusion.Counts what becomes of samples, and writes their lines of the manifest. Not thread-safe. */
    static final class PartCollector {
        private final SourceSet set;
        private final Exclusion.Counts counts = new Exclusion.Counts();
        private final FaultList faults = new FaultList(SetScanner.MOST_FAULTS);
        private final Map<String, PartSummary.PixelSums> pixels = new TreeMap<>();
        private int samples;
        private int images;
        private int longestId = 1;
        private int longestPatient = 1;
        private int longestImage = 1;

        PartCollector(SourceSet set) {
            this.set = set;
        }

        /** The sample's line; null if it is left out. */
        Manifest.@Nullable Line add(SampleLoader.Outcome outcome) {
            outcome.leftOut().forEach(counts::add);
            outcome.faults().forEach(faults::add);
            LoadedSample sample = outcome.sample();
            return sample == null ? null : add(sample);
        }

        private Manifest.Line add(LoadedSample sample) {
            IngestPlan.Sample plan = sample.plan();
            samples++;
            images += sample.images().size();
            longestId = Math.max(longestId, bytes(plan.id()));
            longestPatient = Math.max(longestPatient, bytes(plan.patient()));
            for (LoadedSample.Image image : sample.images()) {
                longestImage = Math.max(longestImage, bytes(image.plan().id()));
                PartSummary.PixelSums before = pixels.getOrDefault(plan.split(), PartSummary.PixelSums.NONE);
                pixels.put(plan.split(), before.plus(image.views().get(0)));
            }
            return line(sample);
        }

        private Manifest.Line line(LoadedSample sample) {
            LoadedSample.Image first = sample.images().get(0);
            PixelMask mask = first.mask();
            return new Manifest.Line(
                    sample.plan().id(),
                    sample.plan().patient(),
                    sample.plan().split(),
                    sample.images().stream()
                            .map(image -> new Manifest.Line.Image(
                                    image.plan().id(), image.sha256(), image.pixels(), image.width(), image.height()))
                            .toList(),
                    sample.plan().labels(),
                    set == SourceSet.RSNA ? first.boxes() : null,
                    mask == null ? null : Sha256.of(mask.toBytes()),
                    set.hasReports() ? sample.sentences() : null);
        }

        private static int bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }

        PartSummary summary() {
            return new PartSummary(
                    samples,
                    images,
                    longestId,
                    longestPatient,
                    longestImage,
                    counts.leftOut(),
                    faults.first(),
                    faults.count(),
                    pixels);
        }
    }
}
