package perdura.datasets.ingest;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.split.totals.Counted;
import perdura.datasets.split.totals.PublishedTotal.Certainty;
import perdura.datasets.split.totals.PublishedTotals;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** What is published about a set, beside what an ingest has counted. */
final class Published {
    private Published() {}

    static List<DataReport.Published> of(IngestSpec spec, IngestPlan plan, Totals totals) {
        Map<Counted, Long> counts = new EnumMap<>(Counted.class);
        counts.putAll(plan.counted());
        if (spec.set() == SourceSet.MIMIC_CXR) {
            counts.put(Counted.KEPT_STUDIES, totals.samples());
            counts.put(Counted.TEST_PAIRS, totals.imagesOf("test"));
        }
        if (spec.set() == SourceSet.CHEXPERT_5X200) {
            counts.put(Counted.ZERO_SHOT_IMAGES, totals.images());
            if (spec.list() != null) {
                counts.put(Counted.LISTED_ZERO_SHOT_PATIENTS, totals.patients());
            }
        }
        return PublishedTotals.compare(spec.set(), spec.profile(), counts).stream()
                .map(total -> new DataReport.Published(
                        total.published().what().description(),
                        total.published().number(),
                        total.counted(),
                        total.agrees(),
                        total.published().source()
                                + (total.published().certainty() == Certainty.RECALLED ? " (recalled)" : "")))
                .toList();
    }
}
