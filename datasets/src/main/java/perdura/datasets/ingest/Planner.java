package perdura.datasets.ingest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import perdura.datasets.source.FaultList.DataFault;
import perdura.grids.spec.CanonicalJson;

/** Shares the samples of a scan out to parts, and writes the plan. */
final class Planner {
    /** Parts of a large set: a hundred are enough for a bar that moves, and for many workers. */
    private static final int MOST_PARTS = 400;

    private static final int FEWEST_SAMPLES = 32;

    private final IngestFolder folder;

    Planner(IngestFolder folder) {
        this.folder = folder;
    }

    /** Writes the plan, unless the very same one is there. For whoever has the lock. */
    IngestPlan write(SetScanner.Scan scan, List<DataFault> treeFaults) throws IOException {
        Path writing = folder.newWriting();
        int perPart = Math.max(FEWEST_SAMPLES, (scan.samples().size() + MOST_PARTS - 1) / MOST_PARTS);
        List<IngestPlan.Part> parts = new ArrayList<>();
        for (int from = 0; from < scan.samples().size(); from += perPart) {
            List<IngestPlan.Sample> own = scan.samples()
                    .subList(from, Math.min(from + perPart, scan.samples().size()));
            parts.add(writePart(writing, parts.size(), own));
        }
        IngestPlan plan = IngestPlan.of(scan, treeFaults, parts);
        byte[] json = IngestJson.bytes(plan);
        Files.write(writing.resolve("plan.json"), json);
        Path planned = folder.plan();
        if (Files.exists(planned.resolve("plan.json"))
                && Arrays.equals(Files.readAllBytes(planned.resolve("plan.json")), json)) {
            folder.delete(writing);
            return plan;
        }
        folder.delete(planned);
        if (!folder.publish(writing, planned)) {
            throw new FileAlreadyExistsException(planned.toString());
        }
        return plan;
    }

    private IngestPlan.Part writePart(Path writing, int number, List<IngestPlan.Sample> samples) throws IOException {
        Path file = writing.resolve(folder.planOf(number).getFileName());
        StringBuilder digests = new StringBuilder();
        try (OutputStream out = Files.newOutputStream(file)) {
            for (IngestPlan.Sample sample : samples) {
                byte[] line = IngestJson.bytes(sample);
                out.write(line);
                out.write('\n');
                digests.append(new String(line, java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        String name = String.format(
                Locale.ROOT,
                "%05d-%s",
                number,
                CanonicalJson.sha256(digests.toString()).substring(0, 12));
        int images = samples.stream().mapToInt(sample -> sample.images().size()).sum();
        return new IngestPlan.Part(name, samples.size(), images);
    }
}
