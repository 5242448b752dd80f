package perdura.datasets.ingest;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.image.PixelMask;
import perdura.datasets.ingest.SampleLoader.LoadedSample;
import perdura.datasets.source.FaultList;
import perdura.grids.spec.Sha256;
import perdura.grids.spec.SourceSet;

/** Exclusion.Counts what becomes of samples, and writes their lines of the manifest. Not thread-safe. */
final class PartCollector {
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
