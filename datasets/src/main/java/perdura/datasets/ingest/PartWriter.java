package perdura.datasets.ingest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import perdura.datasets.ingest.SampleLoader.LoadedImage;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree.FileStamp;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** Writes the samples of a part: lines of the manifest, stamps of files, faults, and pixels without a header. */
final class PartWriter implements AutoCloseable {
    static final String SAMPLES = "samples.jsonl";
    static final String STAMPS = "stamps.jsonl";
    static final String MASKS = "masks";

    private static final int BUFFER_BYTES = 1 << 18;

    private final Path folder;
    private final FaultFile faults;
    private final PartCollector collector;
    private final OutputStream samples;
    private final OutputStream stamps;
    private final List<OutputStream> pixels = new ArrayList<>();

    PartWriter(Path folder, IngestSpec spec) throws IOException {
        this.folder = folder;
        this.faults = new FaultFile(folder.resolve(FaultFile.NAME));
        this.collector = new PartCollector(new FaultList(faults));
        this.samples = open(SAMPLES);
        this.stamps = open(STAMPS);
        for (String name : pixelArrays(spec)) {
            pixels.add(open(pixelFile(name)));
        }
    }

    /** Names of the arrays of pixels: the views, and masks if the set has them. */
    static List<String> pixelArrays(IngestSpec spec) {
        List<String> names = new ArrayList<>();
        ImageView.of(spec).forEach(view -> names.add(view.name()));
        if (spec.set() == SourceSet.SIIM) {
            names.add(MASKS);
        }
        return names;
    }

    /** Bytes of one image in an array of pixels. */
    static long imageBytes(IngestSpec spec, String name) {
        List<ImageView> views = ImageView.of(spec);
        long side = views.stream()
                .filter(view -> view.name().equals(name))
                .findAny()
                .orElse(views.get(0)) // masks are of the first view's size
                .size();
        return side * side;
    }

    /** The file of an array's pixels. */
    static String pixelFile(String name) {
        return name + ".bin";
    }

    private OutputStream open(String name) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(folder.resolve(name)), BUFFER_BYTES);
    }

    void add(SampleLoader.Outcome outcome) throws IOException {
        collector.add(outcome);
        for (StampLine file : outcome.seen()) {
            IngestJson.writeLine(stamps, IngestJson.bytes(file));
        }
        Manifest.Line line = outcome.line();
        if (line != null) {
            IngestJson.writeLine(samples, line.write().getBytes(StandardCharsets.UTF_8));
            for (LoadedImage image : outcome.images()) {
                for (int i = 0; i < pixels.size(); i++) {
                    pixels.get(i).write(image.pixels().get(i));
                }
            }
        }
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
        faults.close();
        samples.close();
        stamps.close();
        for (OutputStream array : pixels) {
            array.close();
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

        StampLine {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(stamp, "stamp");
        }
    }

    /** Counts what becomes of samples. Not thread-safe. */
    static final class PartCollector {
        private final Map<Exclusion, Long> leftOut = new EnumMap<>(Exclusion.class);
        private final FaultList faults;
        private final Map<String, PartSummary.PixelSums> pixels = new TreeMap<>();

        /** @param faults gets those of the samples */
        PartCollector(FaultList faults) {
            this.faults = faults;
        }

        void add(SampleLoader.Outcome outcome) {
            outcome.leftOut().forEach(reason -> reason.count(leftOut, 1));
            outcome.faults().forEach(faults::add);
            Manifest.Line line = outcome.line();
            if (line != null) {
                PartSummary.PixelSums sums = pixels.getOrDefault(line.split(), PartSummary.PixelSums.NONE);
                for (LoadedImage image : outcome.images()) {
                    sums = sums.plus(image.pixels().get(0));
                }
                pixels.put(line.split(), sums);
            }
        }

        PartSummary summary() {
            return new PartSummary(leftOut, faults.first(), faults.count(), pixels);
        }
    }
}
