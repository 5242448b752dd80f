package perdura.datasets.ingest;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.data.DataSetHeader.PixelStatistics;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.split.totals.Counted;
import perdura.datasets.split.totals.PublishedTotals;
import perdura.datasets.split.totals.PublishedTotals.Total.Certainty;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/**
 * What an ingest found: what it kept, what it left out and why, and how that compares with what is published.
 *
 * @param set the data set's word
 * @param profile whose rules hold
 * @param digest identity of the data set; empty if nothing was written
 * @param imagesListed images that the tables list
 * @param samplesListed samples that the tables list
 * @param leftOut counts by reason, those that are not zero, in the order of the filters
 * @param sentences of all reports
 * @param distinctSentences of all reports, as the model reads them
 * @param splits samples of each of the owner's splits
 * @param labels how often each label has each value
 * @param histograms how many samples, reports or sentences have a size
 * @param cut what a model will not see of the reports
 * @param pixels of each split, in [0, 1]
 * @param published totals of the methods' papers and the owners
 * @param faultCount all faults
 * @param faults the first ones
 */
public record DataReport(
        String set,
        String profile,
        String digest,
        int imageSize,
        long imagesListed,
        long samplesListed,
        List<Count> leftOut,
        long samples,
        long patients,
        long images,
        long sentences,
        long distinctSentences,
        Map<String, Long> splits,
        List<LabelCount> labels,
        List<Histogram> histograms,
        List<Count> cut,
        Map<String, PixelStatistics> pixels,
        List<Published> published,
        long faultCount,
        List<DataFault> faults) {
    /** PRIOR's text length, without its two special pieces (prior.md 1.5). */
    private static final int LONGEST_REPORT = 254;

    /** SENSE's caps (sense.md 1.5), the first without the two special pieces. */
    private static final int LONGEST_SENTENCE = 46;

    private static final int MOST_SENTENCES = 24;

    /** Faults that a report names one by one. */
    static final int FAULTS_SHOWN = 20;

    /** A number and what it counts. */
    public record Count(String what, long count) {}

    /** Values of one label in one split. */
    public record LabelCount(String label, String split, long positive, long negative, long uncertain, long blank) {}

    /**
     * Exclusion.Counts by size.
     *
     * @param title what is counted
     * @param counts by size, smallest first
     */
    public record Histogram(String title, Map<Integer, Long> counts) {
        public Histogram {
            counts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(counts));
        }
    }

    /**
     * A published total beside ours.
     *
     * @param agrees whether ours is the same, as far as it can be
     * @param source where it is published
     */
    public record Published(String what, long published, long found, boolean agrees, String source) {}

    static DataReport of(IngestSpec spec, IngestPlan plan, IngestTotals totals, String digest) {
        List<Count> leftOut = new ArrayList<>();
        totals.counts().leftOut().forEach((reason, count) -> {
            if (count > 0) {
                leftOut.add(new Count(reason.description(), count));
            }
        });
        List<LabelCount> labels = new ArrayList<>();
        for (IngestTotals.LabelCounts label : totals.labels()) {
            label.bySplit()
                    .forEach((split, n) ->
                            labels.add(new LabelCount(label.name(), name(split), n[0], n[1], n[2], n[3])));
        }
        Map<String, Long> splits = new LinkedHashMap<>();
        totals.splits().forEach((split, count) -> splits.put(name(split), count));
        Map<String, PixelStatistics> pixels = new LinkedHashMap<>();
        totals.pixelStatistics().forEach((split, statistics) -> pixels.put(name(split), statistics));
        return new DataReport(
                spec.set().word(),
                spec.profile().word(),
                digest,
                spec.imageSize(),
                plan.imagesListed(),
                plan.samplesListed(),
                leftOut,
                totals.samples(),
                totals.patients(),
                totals.images(),
                totals.sentences(),
                totals.distinctSentences(),
                splits,
                labels,
                histograms(spec, totals),
                spec.set().hasReports() ? cut(totals) : List.of(),
                pixels,
                published(spec, plan, totals),
                totals.faultCount(),
                totals.faults().stream().limit(FAULTS_SHOWN).toList());
    }

    private static String name(String split) {
        return split.isEmpty() ? "all" : split;
    }

    private static List<Histogram> histograms(IngestSpec spec, IngestTotals totals) {
        List<Histogram> all = new ArrayList<>();
        if (spec.set().hasReports()) {
            all.add(new Histogram("images of a study", totals.imagesPerSample()));
            all.add(new Histogram("sentences of a report", totals.sentencesPerReport()));
            all.add(new Histogram("pieces of a report", totals.tokensPerReport()));
            all.add(new Histogram("pieces of a sentence", totals.tokensPerSentence()));
        }
        return all;
    }

    private static List<Count> cut(IngestTotals totals) {
        return List.of(
                new Count(
                        "reports of more than " + LONGEST_REPORT + " pieces",
                        above(totals.tokensPerReport(), LONGEST_REPORT)),
                new Count(
                        "reports of more than " + MOST_SENTENCES + " sentences",
                        above(totals.sentencesPerReport(), MOST_SENTENCES)),
                new Count(
                        "sentences of more than " + LONGEST_SENTENCE + " pieces",
                        above(totals.tokensPerSentence(), LONGEST_SENTENCE)));
    }

    private static long above(Map<Integer, Long> counts, int limit) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey() > limit)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** What is published about the set, beside what this ingest has counted. */
    private static List<Published> published(IngestSpec spec, IngestPlan plan, IngestTotals totals) {
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
                .map(total -> new Published(
                        total.published().what().description(),
                        total.published().number(),
                        total.counted(),
                        total.agrees(),
                        total.published().source()
                                + (total.published().certainty() == Certainty.RECALLED ? " (recalled)" : "")))
                .toList();
    }
}
