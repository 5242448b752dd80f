package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import perdura.datasets.ingest.PartWriter.StampLine;
import perdura.datasets.source.FaultList;
import perdura.grids.spec.IngestSpec;

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
            if (isFresh(target)) {
                PartSummary made = IngestJson.read(target.resolve(PartSummary.FILE), PartSummary.class);
                requireNoFault(made);
                return made;
            }
            folder.delete(target);
        }
        Path writing = folder.newWriting();
        PartSummary summary = write(writing, number, beat);
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

    private PartSummary write(Path writing, int number, Runnable beat) throws IOException {
        Path planned = folder.planOf(number);
        try (PartWriter writer = new PartWriter(writing, spec);
                Stream<String> lines = Files.lines(planned)) {
            for (String line : (Iterable<String>) lines::iterator) {
                writer.add(loader.load(IngestJson.parse(planned, line, IngestPlan.Sample.class)));
                beat.run();
            }
            return writer.finish();
        } catch (IOException | RuntimeException e) {
            folder.delete(writing);
            throw e;
        }
    }

    /** Whether no file that the part was made from has changed. */
    private boolean isFresh(Path part) throws IOException {
        if (!Files.exists(part.resolve(FaultFile.NAME))) {
            return false; // an earlier version has made it
        }
        Path file = part.resolve(PartWriter.STAMPS);
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> IngestJson.parse(file, line, StampLine.class))
                    .allMatch(line -> loader.stamp(line.path()).equals(line.stamp()));
        }
    }
}
