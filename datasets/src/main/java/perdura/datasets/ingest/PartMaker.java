package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import perdura.datasets.ingest.PartWriter.StampLine;
import perdura.datasets.source.FaultList;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;

/** Makes the parts of a plan. A part that is there and whose files have not changed since is kept. */
final class PartMaker {
    private final IngestFolder folder;
    private final IngestSpec spec;
    private final SampleLoader loader;

    PartMaker(IngestFolder folder, IngestSpec spec, SampleLoader loader) {
        this.folder = folder;
        this.spec = spec;
        this.loader = loader;
    }

    /**
     * Makes one part.
     *
     * @param number of the part, from 0
     * @param beat called after each sample; what it throws ends the work
     * @throws perdura.grids.spec.PerduraException INVALID_DATA in a strict ingest, with all faults of the part
     */
    PartSummary make(IngestPlan plan, int number, Runnable beat) throws IOException {
        IngestPlan.Part part = plan.parts().get(number);
        Path target = folder.part(part.name());
        if (Files.exists(target)) {
            Optional<PartSummary> made = findFresh(target);
            if (made.isPresent()) {
                requireNoFault(made.get());
                return made.get();
            }
            folder.delete(target);
        }
        Path writing = folder.newWriting();
        PartSummary summary = write(writing, part, number, beat);
        if (isRefused(summary)) {
            folder.delete(writing);
        }
        requireNoFault(summary);
        if (!folder.publish(writing, target)) {
            folder.delete(writing); // another process has made the same part
        }
        return summary;
    }

    private boolean isRefused(PartSummary summary) {
        return spec.strict() && summary.faultCount() > 0;
    }

    private void requireNoFault(PartSummary summary) {
        if (isRefused(summary)) {
            throw FaultList.refusal("data set " + spec.root(), summary.faults(), summary.faultCount());
        }
    }

    /** Loads one sample, and writes nothing. */
    SampleLoader.Outcome load(IngestPlan.Sample sample) {
        return loader.load(sample);
    }

    private PartSummary write(Path writing, IngestPlan.Part part, int number, Runnable beat) throws IOException {
        Path planned = folder.planOf(number);
        try (PartWriter writer = new PartWriter(writing, spec);
                Stream<String> lines = IngestJson.lines(planned)) {
            int samples = 0;
            for (String line : (Iterable<String>) lines::iterator) {
                samples++;
                writer.add(loader.load(IngestJson.parse(planned, line, IngestPlan.Sample.class)));
                beat.run();
            }
            if (samples != part.samples()) {
                throw IngestJson.damaged(planned, "it has " + samples + " lines, expected " + part.samples(), null);
            }
            return writer.finish();
        } catch (IOException | RuntimeException e) {
            folder.delete(writing);
            throw e;
        }
    }

    /** What a part came to that is there; none if a file that it was made from has changed since, or it is damaged. */
    private Optional<PartSummary> findFresh(Path part) throws IOException {
        try {
            boolean hasFaults =
                    Files.isRegularFile(part.resolve(FaultFile.NAME)); // an earlier version made no such file
            return hasFaults && isFresh(part)
                    ? Optional.of(IngestJson.read(part.resolve(PartSummary.FILE), PartSummary.class))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (PerduraException e) {
            if (e.code() != ErrorCode.INVALID_DATA) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Whether samples, pixels and stamps are of as many images, and no file that the part was made from has changed. */
    private boolean isFresh(Path part) throws IOException {
        long images = countImages(part.resolve(PartWriter.SAMPLES));
        for (String name : PartWriter.pixelArrays(spec)) {
            Path pixels = part.resolve(PartWriter.pixelFile(name));
            if (!Files.isRegularFile(pixels) || Files.size(pixels) != images * PartWriter.imageBytes(spec, name)) {
                return false;
            }
        }
        Path file = part.resolve(PartWriter.STAMPS);
        long kept = 0;
        try (Stream<String> lines = IngestJson.lines(file)) {
            for (String line : (Iterable<String>) lines::iterator) {
                StampLine stamp = IngestJson.parse(file, line, StampLine.class);
                if (!loader.stamp(stamp.path()).equals(stamp.stamp())) {
                    return false;
                }
                kept += stamp.kept() ? 1 : 0;
            }
        }
        return kept == images;
    }

    private static long countImages(Path samples) throws IOException {
        try (Stream<String> lines = IngestJson.lines(samples)) {
            return lines.map(line -> IngestJson.parse(samples, line, Manifest.Line.class))
                    .mapToLong(line -> line.images().size())
                    .sum();
        }
    }
}
