package perdura.datasets.ingest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.datasets.image.PixelMask;
import perdura.datasets.ingest.SampleLoader.LoadedSample;
import perdura.datasets.source.SourceTree.FileStamp;
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
}
