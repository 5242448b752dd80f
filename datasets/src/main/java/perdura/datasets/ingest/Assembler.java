package perdura.datasets.ingest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.array.NpyWriter;
import perdura.datasets.array.NpyWriter.NpyType;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetHeader;
import perdura.datasets.ingest.PartWriter.StampLine;
import perdura.datasets.ingest.SampleArrays.ArrayWriters;
import perdura.datasets.source.FaultList;
import perdura.datasets.text.Vocabulary;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/**
 * Joins the parts of a plan to a data set: the manifest, and one array for each thing that a training reads. Two passes
 * over the parts, the first for the sizes; pixels are copied in chunks.
 */
final class Assembler {
    private static final int CHUNK_BYTES = 1 << 20;

    private final IngestFolder folder;
    private final IngestSpec spec;
    private final IngestPlan plan;
    private final @Nullable Vocabulary vocabulary;
    private final Runnable beat;
    /** Images that each part keeps, by its name. */
    private final Map<String, Long> imagesOf = new HashMap<>();

    /** @param beat called now and then; what it throws ends the work */
    Assembler(IngestFolder folder, IngestSpec spec, IngestPlan plan, @Nullable Vocabulary vocabulary, Runnable beat) {
        this.folder = folder;
        this.spec = spec;
        this.plan = plan;
        this.vocabulary = vocabulary;
        this.beat = beat;
    }

    /**
     * What all parts come to.
     *
     * @param all gets the faults of the plan and of the parts, in their order
     */
    IngestTotals count(FaultFile all) throws IOException {
        FaultList faults = new FaultList(all);
        IngestTotals totals = new IngestTotals(plan, faults);
        addFaults(folder.plan(), faults);
        for (IngestPlan.Part part : plan.parts()) {
            addFaults(folder.part(part.name()), faults);
            totals.add(IngestJson.read(folder.part(part.name()).resolve(PartSummary.FILE), PartSummary.class));
            Path file = samples(part);
            long before = totals.images;
            try (Stream<String> lines = IngestJson.lines(file)) {
                lines.forEach(line -> totals.add(IngestJson.parse(file, line, Manifest.Line.class)));
            }
            requirePixels(part, totals.images - before);
            imagesOf.put(part.name(), totals.images - before);
            beat.run();
        }
        return totals;
    }

    private static void addFaults(Path folder, FaultList faults) throws IOException {
        FaultFile.read(folder.resolve(FaultFile.NAME), found -> found.forEach(faults::add));
    }

    private Path samples(IngestPlan.Part part) {
        return folder.part(part.name()).resolve(PartWriter.SAMPLES);
    }

    /** Writes everything but the report into a folder. */
    DataSetHeader write(Path target, IngestTotals totals) throws IOException {
        String digest;
        Map<String, NpyWriter.NpyInfo> arrays;
        try (ArrayWriters writers = new ArrayWriters(target)) {
            openArrays(writers, totals);
            digest = writeSamples(target.resolve("manifest.jsonl"), writers, totals.distinctSentences);
            for (String name : PartWriter.pixelArrays(spec)) {
                copyPixels(name, writers);
            }
            arrays = writers.finish();
        }
        DataSetHeader.Words words = null;
        if (vocabulary != null && spec.vocabulary() != null) {
            Files.copy(spec.vocabulary(), DataSet.vocabularyFile(target));
            words = new DataSetHeader.Words(vocabulary.size(), vocabulary.digest());
        }
        DataSetHeader header = new DataSetHeader(
                DataSetHeader.FORMAT,
                digest,
                spec.set(),
                spec.profile(),
                spec.imageSize(),
                plan.labels(),
                words,
                totals.samples,
                totals.images,
                totals.patients.size(),
                totals.splits,
                totals.pixelStatistics(),
                arrays);
        Files.write(target.resolve(DataSetHeader.FILE), header.write());
        return header;
    }

    private void requirePixels(IngestPlan.Part part, long images) throws IOException {
        for (String name : PartWriter.pixelArrays(spec)) {
            Path file = folder.part(part.name()).resolve(PartWriter.pixelFile(name));
            requireSize(file, sizeBytes(file), images * PartWriter.imageBytes(spec, name), "bytes");
        }
    }

    private static long sizeBytes(Path file) throws IOException {
        try {
            return RegularFile.require(file).size();
        } catch (RegularFile.NotRegularException e) {
            throw IngestJson.damaged(file, RegularFile.reason(e), e);
        }
    }

    private void openArrays(ArrayWriters arrays, IngestTotals totals) throws IOException {
        long n = totals.samples;
        long images = totals.images;
        arrays.open("sample_ids", NpyType.text(totals.longestId), n);
        arrays.open("patient_ids", NpyType.text(totals.longestPatient), n);
        arrays.open("splits", NpyType.INT8, n);
        arrays.open("labels", NpyType.FLOAT32, n, plan.labels().size());
        arrays.open("image_offsets", NpyType.INT64, n + 1);
        arrays.open("image_ids", NpyType.text(totals.longestImage), images);
        arrays.open("image_sizes", NpyType.INT32, images, 2);
        arrays.open("image_digests", NpyType.UINT8, images, 32);
        arrays.open("pixel_digests", NpyType.UINT8, images, 32);
        arrays.open("image_stamps", NpyType.INT64, images, 2);
        for (ImageView view : ImageView.of(spec)) {
            arrays.open(view.name(), NpyType.UINT8, images, view.size(), view.size());
        }
        if (spec.set() == SourceSet.SIIM) {
            int side = ImageView.of(spec).get(0).size();
            arrays.open(PartWriter.MASKS, NpyType.UINT8, images, side, side);
        }
        if (spec.set() == SourceSet.RSNA) {
            arrays.open("box_offsets", NpyType.INT64, images + 1);
            arrays.open("boxes", NpyType.FLOAT32, totals.boxes, 4);
        }
        if (spec.set().hasReports()) {
            arrays.open("sentence_offsets", NpyType.INT64, totals.distinctSentences.size() + 1);
            arrays.open("sentence_tokens", NpyType.INT32, totals.distinctTokens);
            arrays.open("report_offsets", NpyType.INT64, n + 1);
            arrays.open("report_sentences", NpyType.INT32, totals.sentences);
        }
    }

    /** Returns the digest of the manifest. */
    private String writeSamples(Path manifest, ArrayWriters arrays, SentenceIndex sentences) throws IOException {
        String header = Manifest.header(spec, plan.labels(), vocabulary);
        Manifest.Digest digest = new Manifest.Digest(header);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(manifest), CHUNK_BYTES)) {
            IngestJson.writeLine(out, header.getBytes(StandardCharsets.UTF_8));
            SampleArrays samples =
                    new SampleArrays(arrays, spec.set(), plan.labels().size(), sentences);
            for (IngestPlan.Part part : plan.parts()) {
                try (Stream<String> lines = IngestJson.lines(samples(part))) {
                    for (String line : (Iterable<String>) lines::iterator) {
                        IngestJson.writeLine(out, line.getBytes(StandardCharsets.UTF_8));
                        digest.add(line);
                        samples.add(IngestJson.parse(samples(part), line, Manifest.Line.class));
                    }
                }
                writeStamps(part, arrays.get("image_stamps"));
                beat.run();
            }
        }
        return digest.finish();
    }

    private void writeStamps(IngestPlan.Part part, NpyWriter out) throws IOException {
        Path file = folder.part(part.name()).resolve(PartWriter.STAMPS);
        long kept = 0;
        try (Stream<String> lines = IngestJson.lines(file)) {
            for (String line : (Iterable<String>) lines::iterator) {
                StampLine stamp = IngestJson.parse(file, line, StampLine.class);
                if (stamp.kept()) {
                    kept++;
                    out.putLong(stamp.stamp().sizeBytes());
                    out.putLong(stamp.stamp().version());
                }
            }
        }
        requireSize(file, kept, imagesOf(part), "images");
    }

    private long imagesOf(IngestPlan.Part part) {
        return Objects.requireNonNull(imagesOf.get(part.name()), part.name());
    }

    private static void requireSize(Path file, long actual, long expected, String what) {
        if (actual != expected) {
            throw IngestJson.damaged(file, "it has " + actual + " " + what + ", expected " + expected, null);
        }
    }

    private void copyPixels(String name, ArrayWriters arrays) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        for (IngestPlan.Part part : plan.parts()) {
            Path file = folder.part(part.name()).resolve(PartWriter.pixelFile(name));
            try (InputStream in = Files.newInputStream(file)) {
                for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                    arrays.get(name).put(chunk, 0, read);
                }
            }
            beat.run();
        }
    }
}
